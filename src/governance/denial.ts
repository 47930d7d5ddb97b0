import { NoCandidacyError, type GovernanceError } from './errors.ts';
import { isEligible } from './evaluation.ts';
import { DAY } from './facts.ts';
import { staleness, type PromotionCase } from './promotion.ts';
import { selfApprovalError } from './principals/self-approval.ts';

/** How long a denial closes its step, unless the tier changes before (design rule 3.4). */
export const DENIAL_DAYS = 7;

/** What denying comes to: the step is closed until an instant. A refusal is returned: its entry must be committed first. */
export type DenialDecision =
  | { readonly outcome: 'DENIED'; readonly until: number }
  | { readonly outcome: 'REFUSED'; readonly error: GovernanceError };

/** Decides a denial at the instant of its evaluation, in the order of refusals that the API promises (design rule 3.4). */
export function decideDenial(each: PromotionCase): DenialDecision {
  const error = refusal(each);
  if (error !== null) return { outcome: 'REFUSED', error };
  return { outcome: 'DENIED', until: each.evaluation.evaluatedAt + DENIAL_DAYS * DAY };
}

function refusal(each: PromotionCase): GovernanceError | null {
  const { agentId, evaluation, voter } = each;
  const stale = staleness(each, 'denial');
  if (stale !== null) return stale;
  if (!isEligible(evaluation.status)) return new NoCandidacyError(agentId, evaluation);
  return voter.bar === null ? null : selfApprovalError(voter.bar, { do: 'deny', agentId });
}
