import { isAgentId } from '../../governance/agent-id.ts';
import type { PrincipalKind, Role } from '../../governance/principals/principal.ts';

/** Kinds as tokens spell them. SYSTEM is Tierkeeper itself, and no token's. */
export const KINDS = { person: 'PERSON', agent: 'AGENT', service: 'SERVICE' } as const satisfies Record<
  string,
  PrincipalKind
>;

/** Roles as tokens spell them. */
export const ROLES = {
  viewer: 'VIEWER',
  recorder: 'RECORDER',
  reviewer: 'REVIEWER',
  admin: 'ADMIN',
  auditor: 'AUDITOR',
} as const satisfies Record<string, Role>;

/** What an id may look like. */
export const PRINCIPAL_ID = /^[^\s\p{C}]{1,200}$/u;
/** Ids that Tierkeeper gives itself, whoever works on its database directly, and who was erased. */
const RESERVED = /^(system|operator|local|erased):/;

/** Whether an id is one that only Tierkeeper gives. */
export function isReserved(id: string): boolean {
  return RESERVED.test(id);
}

/** Whether a principal of a kind may have an id: an agent is called what its agent is called. */
export function fitsKind(id: string, kind: PrincipalKind): boolean {
  return kind !== 'AGENT' || isAgentId(id);
}
