import { ForbiddenError } from '../errors.ts';
import { sees, sightOf, type Principal, type PrincipalKind, type Role } from './principal.ts';

/** The commands that change something, with who may give them. Rights are checked in the use case, so that a refusal reaches the ledger. */
export const COMMAND_RIGHTS = {
  RECORD_RUNS: { to: 'record runs', roles: ['RECORDER'], kinds: null },
  REPORT_VIOLATION: { to: 'report a violation', roles: ['RECORDER', 'REVIEWER', 'ADMIN'], kinds: null },
  PROMOTE_AGENT: { to: 'promote an agent', roles: ['REVIEWER', 'ADMIN'], kinds: ['PERSON'] },
  DENY_PROMOTION: { to: 'deny a promotion', roles: ['REVIEWER', 'ADMIN'], kinds: ['PERSON'] },
  REVOKE_AGENT: { to: 'revoke an agent', roles: ['REVIEWER', 'ADMIN'], kinds: null },
  REINSTATE_AGENT: { to: 'reinstate an agent', roles: ['ADMIN'], kinds: ['PERSON'] },
  UPDATE_AGENT: { to: 'update an agent', roles: ['ADMIN'], kinds: ['PERSON', 'SERVICE'] },
} as const satisfies Record<string, CommandRight>;

interface CommandRight {
  readonly to: string;
  readonly roles: readonly Role[];
  /** What somebody must be, beside the role; null is anything. What lowers an agent anybody may do whom a role lets. */
  readonly kinds: readonly PrincipalKind[] | null;
}

/** A command that changes something. */
export type Command = keyof typeof COMMAND_RIGHTS;

/**
 * Refuses a principal a command about an agent, or about agents in general (null).
 * @throws ForbiddenError with the roles of which one would do, if one would.
 */
export function authorise(principal: Principal, command: Command, agentId: string | null): void {
  const refusal = refusalOf(principal, command, agentId);
  if (refusal !== null) throw refusal;
}

/** The refusal that a command would meet for want of a right, or null. */
export function refusalOf(
  principal: Principal,
  command: Command,
  agentId: string | null,
): ForbiddenError | null {
  const { to, roles: needs, kinds }: CommandRight = COMMAND_RIGHTS[command];
  if (!principal.roles.some((role) => needs.includes(role)))
    return new ForbiddenError(`To ${to} takes the role ${needs.join(' or ').toLowerCase()}.`, needs);
  if (kinds !== null && !kinds.includes(principal.kind)) {
    const who = kinds.includes('SERVICE') ? 'people and services' : 'people';
    return new ForbiddenError(
      `Only ${who} may ${to}; the caller is of kind ${principal.kind.toLowerCase()}.`,
      [],
    );
  }
  return agentId === null ? null : sightRefusalOf(principal, command, agentId);
}

/** The refusal that a command would meet because its agent is out of the principal's sight, or null. */
export function sightRefusalOf(
  principal: Principal,
  command: Command,
  agentId: string,
): ForbiddenError | null {
  if (sees(sightOf(principal), agentId)) return null;
  const { to } = COMMAND_RIGHTS[command];
  return new ForbiddenError(
    `You may not ${to}: ${agentId} is outside the agents that you are limited to.`,
    [],
  );
}
