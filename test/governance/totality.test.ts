import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentState } from '../../src/governance/agent-state.ts';
import { canonicalText } from '../../src/governance/ledger/digest.ts';
import { evaluate } from '../../src/governance/evaluation.ts';
import { ageFacts, type Facts } from '../../src/governance/facts.ts';
import { factsNeeded } from '../../src/governance/policy.ts';
import { decidePromotion, promotionRefusal } from '../../src/governance/promotion.ts';
import { recommendation } from '../../src/governance/recommendation.ts';
import { TIERS } from '../../src/governance/tier.ts';
import { arbitraryFacts } from '../support/arbitrary-facts.ts';
import { actionType, arbitraryPolicy } from './arbitrary-policy.ts';
import { AS_OF } from './given.ts';
import { lookUp } from './story.ts';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 8.64e15, -8.64e15, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, AS_OF),
);
const times = fc.array(number, { maxLength: 5 });
const timesByType = fc.array(fc.tuple(actionType, number)).map((entries) => Object.fromEntries(entries));
const counters = fc.record({ totalRuns: number, compliantRuns: number, consecutiveCompliantRuns: number });

const state: fc.Arbitrary<AgentState> = fc.record({
  agentId: fc.constant('agent-1'),
  tier: fc.constantFrom(...TIERS),
  tierSince: number,
  suspended: fc.boolean(),
  counters,
  countersAtTier: counters,
  revocationCoolDownUntil: fc.option(number),
  denialCoolDownUntil: fc.option(number),
  lastTierChangeSeq: number,
  lastViolationSeq: number,
});

/** Facts of the right shape and no sense: of any order, in no window, contradicting each other. */
const senseless: fc.Arbitrary<Facts> = fc.record({
  asOf: number,
  state,
  candidacy: fc.option(number),
  newestActions: timesByType,
  newestExecutions: timesByType,
  newestPlans: timesByType,
  successfulExecutions: times,
  violations: fc.record({ count: number, newest: times }),
});

describe('whatever the facts', () => {
  test('an evaluation, its words and a decision on it come to an end, look only ahead and throw nothing but a refusal', () => {
    fc.assert(
      fc.property(arbitraryPolicy, senseless, number, (policy, facts, later) => {
        for (const each of [facts, ageFacts(facts, later, policy.windowDays)]) {
          const evaluation = evaluate(policy, each);
          const voter = { principalKey: 'a', role: 'ADMIN', bar: null } as const;
          const bound = { tier: null, evidence: null };
          expect(evaluation.eligibleAt ?? Infinity).toBeGreaterThanOrEqual(each.asOf);
          expect(() => recommendation(evaluation)).not.toThrow();
          const promotionCase = { agentId: 'agent-1', evaluation, bound, voter, votes: [] };
          const refusal = promotionRefusal(promotionCase);
          if (refusal === null) expect(() => decidePromotion(promotionCase)).not.toThrow();
          else expect(() => decidePromotion(promotionCase)).toThrow(refusal);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('an evaluation follows from their canonical text, so that a decision can be proved from the ledger', () => {
    fc.assert(
      fc.property(arbitraryFacts, ({ policy, facts }) => {
        const text = canonicalText(facts);
        const read = JSON.parse(text) as Facts;
        expect(canonicalText(evaluate(policy, read))).toBe(canonicalText(evaluate(policy, facts)));
        expect(canonicalText(read)).toBe(text);
      }),
      { numRuns: 250 },
    );
  });

  test('an evaluation looks at no more of them than the policy needs', () => {
    fc.assert(
      fc.property(arbitraryFacts, ({ policy, story, facts }) => {
        const at = { asOf: facts.asOf, windowDays: policy.windowDays };
        const everyTier = TIERS.map((tier) => lookUp(story, factsNeeded(policy, tier), at));
        const all = everyTier.reduce((a, b) => ({
          ...a,
          newestActions: { ...a.newestActions, ...b.newestActions },
          newestExecutions: { ...a.newestExecutions, ...b.newestExecutions },
          newestPlans: { ...a.newestPlans, ...b.newestPlans },
          successfulExecutions: longer(a.successfulExecutions, b.successfulExecutions),
          violations: { ...a.violations, newest: longer(a.violations.newest, b.violations.newest) },
        }));
        expect(evaluate(policy, all)).toEqual(evaluate(policy, facts));
      }),
      { numRuns: 250 },
    );
  });

  test('an evaluation changes none of them', () => {
    fc.assert(
      fc.property(arbitraryFacts, ({ policy, facts }) => {
        const before = canonicalText([policy, facts]);
        evaluate(policy, facts);
        ageFacts(facts, facts.asOf + 1, policy.windowDays);
        expect(canonicalText([policy, facts])).toBe(before);
      }),
    );
  });
});

function longer<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length > b.length ? a : b;
}
