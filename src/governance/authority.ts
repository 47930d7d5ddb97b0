import { ForbiddenError } from './errors.ts';
import { sees, sightOf, type Principal, type Role } from './principal.ts';

/** The commands that change something, with who may give them. Rights are checked in the use case, so that a refusal reaches the ledger. */
export const COMMAND_RIGHTS = {
  RECORD_RUNS: { to: 'record runs', roles: ['RECORDER'], people: false },
  REPORT_VIOLATION: { to: 'report a violation', roles: ['RECORDER', 'REVIEWER', 'ADMIN'], people: false },
  PROMOTE_AGENT: { to: 'promote an agent', roles: ['REVIEWER', 'ADMIN'], people: true },
} as const satisfies Record<
  string,
  { readonly to: string; readonly roles: readonly Role[]; readonly people: boolean }
>;

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
  const { to, roles, people } = COMMAND_RIGHTS[command];
  const needs: readonly Role[] = roles;
  if (!principal.roles.some((role) => needs.includes(role)))
    return new ForbiddenError(`To ${to} takes the role ${needs.join(' or ').toLowerCase()}.`, needs);
  if (people && principal.kind !== 'PERSON')
    return new ForbiddenError(
      `Only people may ${to}; the caller is of kind ${principal.kind.toLowerCase()}.`,
      [],
    );
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
