import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, isEligible, type Evaluation } from '../../src/governance/evaluation.ts';
import { ageFacts, DAY } from '../../src/governance/facts.ts';
import type { Policy } from '../../src/governance/policy.ts';
import {
  arbitraryFacts,
  arbitraryInstant,
  arbitraryStory,
  factsIn,
  NOW,
} from '../support/arbitrary-facts.ts';
import { arbitraryPolicy } from './arbitrary-policy.ts';
import { instantsOf, naiveAnswer, type NaiveAnswer } from './naive-evaluation.ts';
import type { Story } from './story.ts';

const later = arbitraryInstant(0, 45).map((instant) => Math.max(NOW, instant));

function answerOf({ status, requirements, blockers }: Evaluation): NaiveAnswer {
  return {
    status,
    met: requirements.map((each) => each.met),
    blockers: blockers.map((blocker) => blocker.kind),
  };
}

const RUNS = { numRuns: 500 };

describe('an evaluation and a recount of everything from the words of the rules', () => {
  test('give the same answer at every instant', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryStory, later, (policy, story, asOf) => {
        const answer = answerOf(evaluate(policy, factsIn(story, policy, asOf)));
        expect(answer).toEqual(naiveAnswer(policy, story, asOf));
      }),
      { numRuns: 1_000 },
    );
  });

  test('agree on the first instant at which the answer changes, and on the first at which the agent is eligible', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryStory, later, (policy, story, asOf) => {
        const { changesAt, eligibleAt } = evaluate(policy, factsIn(story, policy, asOf));
        expect({ changesAt, eligibleAt }).toEqual(walk(policy, story, asOf));
      }),
      RUNS,
    );
  });
});

function walk(policy: Policy, story: Story, asOf: number) {
  const answers = instantsOf(policy, story, asOf).map((instant) => ({
    instant,
    answer: naiveAnswer(policy, story, instant),
  }));
  const now = JSON.stringify(naiveAnswer(policy, story, asOf));
  return {
    changesAt: answers.find(({ answer }) => JSON.stringify(answer) !== now)?.instant ?? null,
    eligibleAt:
      answers.find(({ answer }) => answer.status === 'ELIGIBLE' || answer.status === 'PENDING_REVIEW')
        ?.instant ?? null,
  };
}

describe('an answer with no write', () => {
  test('stays until changesAt, and differs there', () => {
    fc.assert(
      fc.property(
        arbitraryFacts,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        ({ policy, facts }, part) => {
          const first = evaluate(policy, facts);
          const at = (asOf: number) => evaluate(policy, ageFacts(facts, asOf, policy.windowDays));
          const until = first.changesAt ?? facts.asOf + 400 * DAY;
          expect(until).toBeGreaterThan(facts.asOf);
          for (const instant of [
            facts.asOf,
            facts.asOf + Math.floor(part * (until - facts.asOf)),
            until - 1,
          ]) {
            expect(answerOf(at(instant))).toEqual(answerOf(first));
            expect(at(instant).evidence).toBe(first.evidence);
            expect(at(instant).changesAt).toBe(first.changesAt);
          }
          if (first.changesAt !== null) expect(answerOf(at(first.changesAt))).not.toEqual(answerOf(first));
        },
      ),
      RUNS,
    );
  });

  test('is the same from facts aged to an instant and from facts looked up at it', () => {
    fc.assert(
      fc.property(arbitraryFacts, later, ({ policy, story, facts }, asOf) => {
        const { requirements: aged, ...agedRest } = evaluate(
          policy,
          ageFacts(facts, asOf, policy.windowDays),
        );
        const { requirements: fresh, ...freshRest } = evaluate(policy, factsIn(story, policy, asOf));
        expect(agedRest).toEqual(freshRest);
        expect(aged.map(({ met, changesAt }) => ({ met, changesAt }))).toEqual(
          fresh.map(({ met, changesAt }) => ({ met, changesAt })),
        );
      }),
      RUNS,
    );
  });

  test('leads to eligibility at eligibleAt, not a millisecond before', () => {
    fc.assert(
      fc.property(arbitraryFacts, ({ policy, facts }) => {
        const { eligibleAt, status } = evaluate(policy, facts);
        const at = (asOf: number) => evaluate(policy, ageFacts(facts, asOf, policy.windowDays)).status;
        if (isEligible(status)) expect(eligibleAt).toBe(facts.asOf);
        if (isEligible(status) || eligibleAt === null) return;
        expect(isEligible(at(eligibleAt))).toBe(true);
        expect(isEligible(at(eligibleAt - 1))).toBe(false);
      }),
      RUNS,
    );
  });
});

describe('what an agent does', () => {
  test('never helps it if it is a violation', () => {
    const violation = fc.record({
      occurredAt: arbitraryInstant(-35, 0),
      named: fc.option(fc.nat({ max: 24 })),
    });
    fc.assert(
      fc.property(arbitraryFacts, violation, ({ policy, story, facts }, { occurredAt, named }) => {
        const known = named !== null && story.events[named]?.type === 'RUN' ? named : null;
        const report = {
          type: 'REPORT',
          at: NOW,
          occurredAt: Math.min(NOW, occurredAt),
          named: known,
        } as const;
        const worse = { ...story, events: [...story.events, report] };
        expectNoBetter(evaluate(policy, factsIn(worse, policy, NOW)), evaluate(policy, facts));
      }),
      RUNS,
    );
  });

  test('never hurts it if it is a compliant run with a successful execution', () => {
    const action = fc.record({
      type: fc.constantFrom('ansible_run', '__proto__'),
      occurredAt: arbitraryInstant(-35, 0),
    });
    fc.assert(
      fc.property(arbitraryFacts, action, ({ policy, story, facts }, { type, occurredAt }) => {
        const done = {
          type,
          decision: 'EXECUTE',
          success: true,
          occurredAt: Math.min(NOW, occurredAt),
        } as const;
        const run = { type: 'RUN', at: NOW, actions: [done], violations: [] } as const;
        const better = { ...story, events: [...story.events, run] };
        expectNoBetter(evaluate(policy, facts), evaluate(policy, factsIn(better, policy, NOW)));
      }),
      RUNS,
    );
  });
});

function expectNoBetter(worse: Evaluation, better: Evaluation): void {
  worse.requirements.forEach((requirement, index) => {
    if (requirement.met) expect(better.requirements[index]?.met).toBe(true);
  });
  if (isEligible(worse.status)) expect(isEligible(better.status)).toBe(true);
  expect(better.eligibleAt ?? Infinity).toBeLessThanOrEqual(worse.eligibleAt ?? Infinity);
}
