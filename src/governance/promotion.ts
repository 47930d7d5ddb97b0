import { missingNeeds, type Vote } from './candidacy.ts';
import {
  DuplicateApprovalError,
  MaximumTierError,
  NotEligibleError,
  StaleEvaluationError,
  type GovernanceError,
} from './errors.ts';
import { isEligible, type Evaluation } from './evaluation.ts';
import type { ApprovalNeed, ApproverRole } from './policy.ts';
import { recommendation } from './recommendation.ts';
import type { Role } from './principals/principal.ts';
import { selfApprovalError, type SelfApproval } from './principals/self-approval.ts';
import type { Tier } from './tier.ts';

/** A vote that was cast, by the entry that recorded it; `barred` if the voter could no longer cast it. */
export interface CastVote extends Vote {
  readonly seq: number;
  readonly barred: boolean;
}

/** All that a decision to promote stands on. */
export interface PromotionCase {
  readonly agentId: string;
  readonly evaluation: Evaluation;
  /** What the approval was given for: a tier, evidence, or both. */
  readonly bound: { readonly tier: Tier | null; readonly evidence: string | null };
  readonly voter: Vote & { readonly bar: SelfApproval | null };
  readonly votes: readonly CastVote[];
}

/** The decision on a vote: a promotion, or an approval that leaves needs open. */
export type PromotionDecision =
  | { readonly outcome: 'PROMOTED'; readonly toTier: Tier }
  | { readonly outcome: 'APPROVED'; readonly missing: readonly ApprovalNeed[] };

/**
 * Decides a vote for promotion.
 * @throws the refusal of `promotionRefusal`
 */
export function decidePromotion(promotionCase: PromotionCase): PromotionDecision {
  const refusal = promotionRefusal(promotionCase);
  if (refusal !== null) throw refusal;
  const missing = stillMissing(promotionCase, true);
  return missing.length > 0
    ? { outcome: 'APPROVED', missing }
    : { outcome: 'PROMOTED', toTier: promotionCase.evaluation.targetTier };
}

/** The refusal of a vote for promotion, or null; the first that applies in the order that the API promises (design rule 3.4). */
export function promotionRefusal(promotionCase: PromotionCase): GovernanceError | null {
  const { agentId, evaluation, voter, votes } = promotionCase;
  if (evaluation.step === null) return new MaximumTierError(agentId);
  const stale = staleness(promotionCase, 'approval');
  if (stale !== null) return stale;
  if (!isEligible(evaluation.status))
    return new NotEligibleError(agentId, evaluation, recommendation(evaluation));
  if (voter.bar !== null) return selfApprovalError(voter.bar, { do: 'approve', agentId });
  const cast = votes.find((vote) => vote.principalKey === voter.principalKey);
  return cast === undefined
    ? null
    : new DuplicateApprovalError(agentId, cast.seq, stillMissing(promotionCase, false));
}

/** The refusal of a decision that was made for another tier or on other evidence, or null. */
export function staleness(
  { agentId, evaluation, bound }: PromotionCase,
  what: 'approval' | 'denial',
): StaleEvaluationError | null {
  const tier = evaluation.currentTier;
  if (bound.tier !== null && bound.tier !== tier)
    return new StaleEvaluationError(
      agentId,
      `The ${what} is for ${agentId} at ${bound.tier}; it is at ${tier} now.`,
    );
  if (bound.evidence !== null && bound.evidence !== evaluation.evidence)
    return new StaleEvaluationError(agentId, `The evidence that the ${what} stands on has changed.`);
  return null;
}

function stillMissing(
  { evaluation, voter, votes }: PromotionCase,
  withVoter: boolean,
): readonly ApprovalNeed[] {
  const counting = votes.filter((vote) => !vote.barred);
  return missingNeeds(evaluation.step?.needs ?? [], withVoter ? [...counting, voter] : counting);
}

/** The role that a vote is cast with: the highest that the voter has, frozen with the vote. */
export function votingRole(roles: readonly Role[]): ApproverRole {
  return roles.includes('ADMIN') ? 'ADMIN' : 'REVIEWER';
}
