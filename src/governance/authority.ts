import { ForbiddenError } from './errors.ts';
import { sees, sightOf, type Principal, type Role } from './principal.ts';

/** The commands that change something, with who may give them. Rights are checked in the use case, so that a refusal reaches the ledger. */
export const COMMAND_RIGHTS = {
  RECORD_RUNS: { roles: ['RECORDER'], people: false },
  REPORT_VIOLATION: { roles: ['RECORDER', 'REVIEWER', 'ADMIN'], people: false },
  PROMOTE_AGENT: { roles: ['REVIEWER', 'ADMIN'], people: true },
} as const satisfies Record<string, { readonly roles: readonly Role[]; readonly people: boolean }>;

/** A command that changes something. */
export type Command = keyof typeof COMMAND_RIGHTS;

/**
 * Refuses a principal a command about an agent, or about agents in general (null).
 * @throws ForbiddenError with the roles of which one would do.
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
  const { roles, people } = COMMAND_RIGHTS[command];
  const needs: readonly Role[] = roles;
  const what = command.toLowerCase().replaceAll('_', ' ');
  if (!principal.roles.some((role) => needs.includes(role)))
    return new ForbiddenError(`To ${what} takes the role ${needs.join(' or ').toLowerCase()}.`, needs);
  if (people && principal.kind !== 'PERSON')
    return new ForbiddenError(`Only people may ${what}; you are a ${principal.kind.toLowerCase()}.`, needs);
  if (agentId !== null && !sees(sightOf(principal), agentId))
    return new ForbiddenError(
      `You may not ${what} for ${agentId}: it is outside the agents you are limited to.`,
      needs,
    );
  return null;
}
