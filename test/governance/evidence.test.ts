import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentState } from '../../src/governance/agent-state.ts';
import { evaluate } from '../../src/governance/evaluation.ts';
import { ageFacts, DAY, type Facts } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData } from '../../src/governance/policy.ts';
import { arbitraryFacts } from '../support/arbitrary-facts.ts';
import { AS_OF, earnedFacts, givenCounters, givenPolicy } from './given.ts';

type Given = Parameters<typeof earnedFacts>[0];

const evidence = (facts: Facts, policy = baseline) => evaluate(policy, facts).evidence;
const earned = (given: Given = {}, state: Partial<AgentState> = {}) =>
  earnedFacts({ ...given, state: { tier: 'T1', lastViolationSeq: 3, lastTierChangeSeq: 7, ...state } });

describe('the evidence of an evaluation', () => {
  test('is a digest', () => {
    expect(evidence(earned())).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Facts]>([
    ['another instant', earned({ asOf: AS_OF + DAY })],
    ['more runs', earned({}, { counters: givenCounters(90), countersAtTier: givenCounters(90) })],
    ['a newer action', earned({ newestActions: { ansible_check: AS_OF + 1, terraform_plan: AS_OF - 1 } })],
    [
      'an action that is not asked for',
      earned({ newestActions: { ...earned().newestActions, other: AS_OF } }),
    ],
    ['more executions', earned({ successfulExecutions: Array.from({ length: 9 }, () => AS_OF) })],
    ['the time the tier was entered', earned({}, { tierSince: AS_OF - 90 * DAY })],
    [
      'a cool-down that has ended',
      earned({}, { revocationCoolDownUntil: AS_OF, denialCoolDownUntil: AS_OF - 1 }),
    ],
  ])('stays with %s', (_, facts) => {
    expect(evidence(facts)).toBe(evidence(earned()));
  });

  test.each<[string, Facts]>([
    ['the agent', earned({}, { agentId: 'agent-2' })],
    ['the tier', earned({}, { tier: 'T0' })],
    ['the candidacy', earned({ candidacy: 12 })],
    ['the last violation', earned({}, { lastViolationSeq: 4 })],
    ['the last tier change', earned({}, { lastTierChangeSeq: 8 })],
    ['the status', earned({}, { denialCoolDownUntil: AS_OF + 1 })],
    ['a met flag', earned({}, { counters: givenCounters(4) })],
  ])('changes with %s', (_, facts) => {
    expect(evidence(facts)).not.toBe(evidence(earned()));
  });

  test('changes with the tier, though both steps ask the same', () => {
    const policy = givenPolicy([{ kind: 'VIOLATIONS', atMost: 0 }]);
    expect(evidence(earned({}, { tier: 'T2' }), policy)).not.toBe(evidence(earned(), policy));
  });

  test('changes with which requirement is unmet', () => {
    const { ansible_check: _, ...withoutCheck } = earned().newestActions;
    const { terraform_plan: __, ...withoutPlan } = earned().newestActions;
    expect(evidence(earned({ newestActions: withoutCheck }))).not.toBe(
      evidence(earned({ newestActions: withoutPlan })),
    );
  });

  test('changes with any change of the policy', () => {
    const policy = parsePolicy({ ...policyData(baseline), windowDays: 31 });
    expect(evidence(earned(), policy)).not.toBe(evidence(earned()));
  });

  test('is the same exactly where status and met flags are', () => {
    const days = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(arbitraryFacts, days, fc.integer({ min: 0, max: 99 }), ({ policy, facts }, later, runs) => {
        const changed = { ...facts, state: { ...facts.state, counters: givenCounters(runs) } };
        const [before, after] = [facts, ageFacts(changed, facts.asOf + later * DAY, policy.windowDays)].map(
          (each) => {
            const { status, requirements, evidence } = evaluate(policy, each);
            return { answer: JSON.stringify([status, requirements.map(({ met }) => met)]), evidence };
          },
        );
        expect(before?.evidence === after?.evidence).toBe(before?.answer === after?.answer);
      }),
      { numRuns: 500 },
    );
  });
});
