import type { Ids } from '../../app/ports/world.ts';
import type { Principal, Role } from '../../governance/principals/principal.ts';

/** A token made at start, and whom it lets in. */
export interface FreshToken {
  readonly token: string;
  readonly principal: Principal;
}

const ROLES: Readonly<Record<string, readonly Role[]>> = {
  viewer: ['VIEWER'],
  recorder: ['VIEWER', 'RECORDER'],
  reviewer: ['VIEWER', 'REVIEWER'],
  admin: ['VIEWER', 'REVIEWER', 'ADMIN'],
  auditor: ['VIEWER', 'AUDITOR'],
};

/** One token per role, for somebody who tries Tierkeeper on their own machine: `local-reviewer` and so on. */
export function freshTokens(ids: Ids): readonly FreshToken[] {
  return Object.entries(ROLES).map(([name, roles]) => ({
    token: ids.next(),
    principal: {
      id: `local-${name}`,
      kind: name === 'recorder' ? 'SERVICE' : 'PERSON',
      roles,
      agents: null,
      expiresAt: null,
    },
  }));
}
