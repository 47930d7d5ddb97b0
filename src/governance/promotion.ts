import { missingNeeds, type Vote } from './candidacy.ts';
import {
  DuplicateApprovalError,
  MaximumTierError,
  NotEligibleError,
  SelfApprovalError,
  StaleEvaluationError,
  type GovernanceError,
} from './errors.ts';
import { isEligible, type Evaluation } from './evaluation.ts';
import type { ApprovalNeed, ApproverRole } from './policy.ts';
import { recommendation } from './recommendation.ts';
import type { Role } from './principal.ts';
import type { Tier } from './tier.ts';

/** Why somebody can't approve an agent's promotion: they are it, own it, or recorded a run of it. */
export type SelfApproval = 'IS_AGENT' | 'OWNS_AGENT' | 'RECORDED_RUN';

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

/** What promoting comes to. A refusal is returned, not thrown: its entry must be committed first. */
export type PromotionDecision =
  | { readonly outcome: 'PROMOTED'; readonly toTier: Tier }
  | { readonly outcome: 'APPROVED'; readonly missing: readonly ApprovalNeed[] }
  | { readonly outcome: 'REFUSED'; readonly error: GovernanceError };

const BARS: Record<SelfApproval, string> = {
  IS_AGENT: 'An agent',
  OWNS_AGENT: 'Its owner',
  RECORDED_RUN: 'Whoever recorded a run of it',
};

/** Decides a vote for promotion, in the order of refusals that the API promises (design rule 3.4). */
export function decidePromotion(each: PromotionCase): PromotionDecision {
  const error = refusal(each);
  if (error !== null) return { outcome: 'REFUSED', error };
  const missing = stillMissing(each, true);
  return missing.length > 0
    ? { outcome: 'APPROVED', missing }
    : { outcome: 'PROMOTED', toTier: each.evaluation.targetTier };
}

function refusal(each: PromotionCase): GovernanceError | null {
  const { agentId, evaluation, bound, voter, votes } = each;
  const tier = evaluation.currentTier;
  if (evaluation.step === null) return new MaximumTierError(agentId);
  if (bound.tier !== null && bound.tier !== tier)
    return new StaleEvaluationError(
      agentId,
      `The approval is for ${agentId} at ${bound.tier}; it is at ${tier} now.`,
    );
  if (bound.evidence !== null && bound.evidence !== evaluation.evidence)
    return new StaleEvaluationError(agentId, 'The evidence that the approval stands on has changed.');
  if (!isEligible(evaluation.status))
    return new NotEligibleError(agentId, evaluation, recommendation(evaluation));
  if (voter.bar !== null)
    return new SelfApprovalError(`${BARS[voter.bar]} can't approve ${agentId}. Ask somebody else.`);
  const cast = votes.find((vote) => vote.principalKey === voter.principalKey);
  return cast === undefined ? null : new DuplicateApprovalError(agentId, cast.seq, stillMissing(each, false));
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
