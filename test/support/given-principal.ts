import type { Principal, Role } from '../../src/governance/principals/principal.ts';

type Limited = Partial<Pick<Principal, 'agents' | 'expiresAt'>>;

/** A person with roles; a reviewer unless told otherwise. */
export function person(id: string, roles: readonly Role[] = ['REVIEWER'], limited: Limited = {}): Principal {
  return { id, kind: 'PERSON', roles, agents: null, expiresAt: null, ...limited };
}

/** A service with roles; a recorder unless told otherwise. */
export function service(id: string, roles: readonly Role[] = ['RECORDER'], limited: Limited = {}): Principal {
  return { ...person(id, roles, limited), kind: 'SERVICE' };
}

/** An agent that may record its own runs, unless told otherwise. */
export function agent(id: string, roles: readonly Role[] = ['RECORDER'], limited: Limited = {}): Principal {
  return { ...person(id, roles, limited), kind: 'AGENT' };
}

/** Who records the runs of these tests. */
export const RUNNER = service('runner');

/** Two people who review, and two who may also give the approval of an admin. */
export const [ANN, BEN] = [person('ann'), person('ben')];
/** Admins. */
export const [ADA, ABE] = [person('ada', ['ADMIN']), person('abe', ['ADMIN'])];
/** A person who only reads. */
export const VAL = person('val', ['VIEWER']);
