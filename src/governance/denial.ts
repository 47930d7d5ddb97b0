import { NoCandidacyError, type GovernanceError } from './errors.ts';
import { isEligible } from './evaluation.ts';
import { DAY } from './facts.ts';
import { staleness, type PromotionCase } from './promotion.ts';
import { selfApprovalError } from './principals/self-approval.ts';

/** How long a denial closes its step, unless the tier changes before (design rule 3.4). */
export const DENIAL_DAYS = 7;

/**
 * Decides a denial and gives the instant until which it closes the step, in UTC milliseconds.
 * @throws the refusal of `denialRefusal`
 */
export function decideDenial(promotionCase: PromotionCase): number {
  const refusal = denialRefusal(promotionCase);
  if (refusal !== null) throw refusal;
  return promotionCase.evaluation.evaluatedAt + DENIAL_DAYS * DAY;
}

/** The refusal of a denial, or null; the first that applies in the order that the API promises (design rule 3.4). */
export function denialRefusal(promotionCase: PromotionCase): GovernanceError | null {
  const { agentId, evaluation, voter } = promotionCase;
  const stale = staleness(promotionCase, 'denial');
  if (stale !== null) return stale;
  if (!isEligible(evaluation.status)) return new NoCandidacyError(agentId, evaluation);
  return voter.bar === null ? null : selfApprovalError(voter.bar, { do: 'deny', agentId });
}
