import { digestOf } from './ledger/digest.ts';
import { ageFacts, type Facts } from './facts.ts';
import { stepFrom, stepRequirement, stepTarget, type Policy, type PolicyStep } from './policy.ts';
import { satisfies, type Requirement } from './requirement.ts';
import { definitionOf, type RequirementData } from './requirements/index.ts';
import type { Tier } from './tier.ts';

/** Whether an agent has earned the next tier. */
export const PROMOTION_STATUSES = ['ELIGIBLE', 'NOT_ELIGIBLE', 'PENDING_REVIEW', 'DENIED'] as const;

/** Whether an agent has earned the next tier. */
export type PromotionStatus = (typeof PROMOTION_STATUSES)[number];

/** What can stand in the way beside requirements. */
export type BlockerKind = 'MAXIMUM_TIER' | 'SUSPENDED' | 'REVOCATION_COOL_DOWN' | 'DENIAL_COOL_DOWN';

/** Something that stands in the way until an instant, or (null) until somebody lifts it. */
export interface Blocker {
  readonly kind: BlockerKind;
  readonly until: number | null;
}

/** The pure result of a policy and facts. Status, met flags and blockers are the answer; the rest may drift. */
export interface Evaluation {
  readonly status: PromotionStatus;
  readonly currentTier: Tier;
  readonly targetTier: Tier;
  readonly step: PolicyStep | null;
  readonly requirements: readonly Requirement[];
  readonly blockers: readonly Blocker[];
  readonly evaluatedAt: number;
  /** The first instant after `evaluatedAt` at which the answer differs with no write, or null. */
  readonly changesAt: number | null;
  /** The first instant from `evaluatedAt` on at which the agent is eligible with no write, or null. */
  readonly eligibleAt: number | null;
  /** The digest that an approval stands on: of the answer, never of counts or times. */
  readonly evidence: string;
  readonly policy: string;
}

/** Whether a status is a claim to the next tier. */
export function isEligible(status: PromotionStatus): boolean {
  return status === 'ELIGIBLE' || status === 'PENDING_REVIEW';
}

/** Answers whether an agent has earned the next tier (design rule 3.2). Pure and total: it never throws. */
export function evaluate(policy: Policy, facts: Facts): Evaluation {
  const answer = answerAt(policy, facts);
  return { ...answer, eligibleAt: firstEligible(policy, facts, answer), evidence: evidenceOf(facts, answer) };
}

type Answer = Omit<Evaluation, 'eligibleAt' | 'evidence'>;

function answerAt(policy: Policy, facts: Facts): Answer {
  const { tier } = facts.state;
  const step = stepFrom(policy, tier);
  const requirements = (step?.requirements ?? []).map((data) => measured(data, facts, policy.windowDays));
  const blockers = blockersOf(facts);
  const instants = [...requirements.map((each) => each.changesAt), ...blockers.map((each) => each.until)];
  return {
    status: statusOf(step, requirements, blockers),
    currentTier: tier,
    targetTier: step === null ? tier : stepTarget(step),
    step,
    requirements,
    blockers,
    evaluatedAt: facts.asOf,
    changesAt: earliest(instants),
    policy: policy.digest,
  };
}

function measured(data: RequirementData, facts: Facts, windowDays: number): Requirement {
  const asked = stepRequirement(data, windowDays);
  const { actual, changesAt } = definitionOf(data).measure(data, facts, windowDays);
  const short = asked.bound === 'AT_LEAST' ? asked.required - actual : actual - asked.required;
  const met = satisfies(asked.bound, actual, asked.required);
  return { ...asked, actual, remaining: Math.max(0, short), met, changesAt };
}

function blockersOf({ asOf, state }: Facts): readonly Blocker[] {
  const { revocationCoolDownUntil, denialCoolDownUntil } = state;
  const blockers: Blocker[] = [];
  if (state.tier === 'T4') blockers.push({ kind: 'MAXIMUM_TIER', until: null });
  if (state.suspended) blockers.push({ kind: 'SUSPENDED', until: null });
  if (revocationCoolDownUntil !== null && asOf < revocationCoolDownUntil)
    blockers.push({ kind: 'REVOCATION_COOL_DOWN', until: revocationCoolDownUntil });
  if (denialCoolDownUntil !== null && asOf < denialCoolDownUntil)
    blockers.push({ kind: 'DENIAL_COOL_DOWN', until: denialCoolDownUntil });
  return blockers;
}

function statusOf(
  step: PolicyStep | null,
  requirements: readonly Requirement[],
  blockers: readonly Blocker[],
): PromotionStatus {
  if (step === null) return 'NOT_ELIGIBLE';
  if (blockers.some((blocker) => blocker.kind === 'DENIAL_COOL_DOWN')) return 'DENIED';
  if (blockers.length > 0 || requirements.some((each) => !each.met)) return 'NOT_ELIGIBLE';
  return step.manualReview ? 'PENDING_REVIEW' : 'ELIGIBLE';
}

/** Walks along `changesAt`, never back: each requirement and blocker changes at most once with no write, so it is short. */
function firstEligible(policy: Policy, facts: Facts, first: Answer): number | null {
  let answer = first;
  while (!isEligible(answer.status)) {
    const next = answer.changesAt;
    if (next === null || !(next > answer.evaluatedAt)) return null;
    answer = answerAt(policy, ageFacts(facts, next, policy.windowDays));
  }
  return answer.evaluatedAt;
}

function evidenceOf(facts: Facts, answer: Answer): string {
  return digestOf({
    agentId: facts.state.agentId,
    tier: answer.currentTier,
    policy: answer.policy,
    candidacy: facts.candidacy,
    status: answer.status,
    requirements: answer.requirements.map(({ key, met }) => [key, met]),
    lastViolation: facts.state.lastViolationSeq,
    lastTierChange: facts.state.lastTierChangeSeq,
  });
}

function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
