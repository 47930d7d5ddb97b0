import { refusalOf, type Command } from './principals/authority.ts';
import { denialRefusal } from './denial.ts';
import { ValidationError, type GovernanceError } from './errors.ts';
import type { Principal } from './principals/principal.ts';
import { promotionRefusal, type PromotionCase } from './promotion.ts';

/** What a command about an agent would be decided on now. */
export interface CommandCase {
  readonly principal: Principal;
  readonly promotion: PromotionCase;
  readonly suspended: boolean;
}

/** Commands that give an agent more than it has: none is taken while the time is doubtful. */
export const RAISING: ReadonlySet<Command> = new Set<Command>(['PROMOTE_AGENT', 'REINSTATE_AGENT']);

/**
 * The refusal that a command about a known agent would meet now, or null if some input would be taken. The command itself
 * makes the same decisions. An agent can always be revoked: it can be suspended at the tier that it has.
 */
export function commandRefusal(
  command: Command,
  { principal, promotion, suspended }: CommandCase,
): GovernanceError | null {
  const { agentId } = promotion;
  const forbidden = refusalOf(principal, command, agentId);
  if (forbidden !== null) return forbidden;
  switch (command) {
    case 'PROMOTE_AGENT':
      return promotionRefusal(promotion);
    case 'DENY_PROMOTION':
      return denialRefusal(promotion);
    case 'REINSTATE_AGENT':
      return reinstatementRefusal({ suspended });
    case 'RECORD_RUNS':
    case 'REPORT_VIOLATION':
    case 'REVOKE_AGENT':
    case 'UPDATE_AGENT':
      return null;
  }
}

/** The refusal to reinstate an agent that is not suspended, or null. */
export function reinstatementRefusal({ suspended }: { readonly suspended: boolean }): ValidationError | null {
  if (suspended) return null;
  const message = 'names an agent that is not suspended: there is nothing to lift';
  return new ValidationError([{ path: 'input.agentId', message }]);
}
