import { describe, expect, test } from 'vitest';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { strict } from '../../src/governance/policies/strict.ts';
import { parsePolicy, policyData, stepTarget, type Policy } from '../../src/governance/policy.ts';

/** Design 3.1, row by row: compliant runs, consecutive, action types, successful executions, violations, needs. */
const TABLE = [
  ['T0', 'T1', 5, 3, ['generate_plan'], 0, 0, false, ['1 REVIEWER']],
  ['T1', 'T2', 10, 5, ['ansible_check', 'terraform_plan'], 2, 0, false, ['1 REVIEWER']],
  ['T2', 'T3', 25, 10, ['ansible_run', 'terraform_apply'], 5, 0, true, ['1 REVIEWER']],
  ['T3', 'T4', 50, 25, [], 0, 0, true, ['1 REVIEWER', '1 ADMIN']],
] as const;

const GUIDANCE = [
  ['scoped correctly', 'Rollbacks are clear'],
  ['Sandbox runs are compliant', 'Modifications succeed'],
  ['reduced complexity', 'Escalates correctly'],
  ['Rare', 'extensive track record'],
];

const PERMITS = {
  T0: ['generate_plan'],
  T1: ['ansible_check', 'terraform_plan'],
  T2: ['ansible_run', 'terraform_apply'],
  T3: [],
  T4: ['*'],
};

function expectTable(
  policy: Policy,
  how: { since: string; counts: (action: string) => string; more: readonly unknown[] },
): void {
  expect(policy.windowDays).toBe(30);
  expect(policy.steps).toHaveLength(4);
  TABLE.forEach(
    ([from, to, runs, consecutive, types, executions, violations, manualReview, needs], index) => {
      const step = policy.steps[index];
      if (step === undefined) throw new Error(`no step leaves ${from}`);
      expect([step.from, stepTarget(step), step.manualReview]).toEqual([from, to, manualReview]);
      expect(step.needs.map((need) => `${need.count} ${need.role}`)).toEqual(needs);
      expect(step.requirements).toEqual([
        { kind: 'COMPLIANT_RUNS', atLeast: runs, since: how.since },
        { kind: 'CONSECUTIVE_COMPLIANT_RUNS', atLeast: consecutive, since: how.since },
        ...types.map((action) => ({ kind: 'ACTION_TYPE', action, counts: how.counts(action) })),
        ...(executions > 0 ? [{ kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: executions }] : []),
        { kind: 'VIOLATIONS', atMost: violations },
        ...how.more,
      ]);
    },
  );
}

describe('baseline', () => {
  test('asks what the table of steps says: lifetime runs, and actions of any decision and outcome', () => {
    expect(baseline.name).toBe('baseline');
    expect(baseline.digest).toBe('133b7cd6c7eab3f4a48dcb31108f3364c432bf78c65773967e5cf286a3f5ac59');
    expectTable(baseline, { since: 'LIFETIME', counts: () => 'ANY', more: [] });
  });
});

describe('strict', () => {
  test('asks the same of runs at the tier, of plans and checks that succeeded as PLAN and changes as EXECUTE, and 7 days at the tier', () => {
    expect(strict.name).toBe('strict');
    expectTable(strict, {
      since: 'TIER',
      counts: (action) => (/plan|check/.test(action) ? 'SUCCESSFUL_PLANS' : 'SUCCESSFUL_EXECUTIONS'),
      more: [{ kind: 'TIME_AT_TIER', days: 7 }],
    });
  });
});

describe.each([baseline, strict])('the built-in policy $name', (policy) => {
  test('permits each tier what the table of tiers says', () => {
    expect(Object.entries(policy.tiers).map(([tier, { permits }]) => [tier, permits])).toEqual(
      Object.entries(PERMITS),
    );
  });

  test('guides reviewers at every step', () => {
    GUIDANCE.forEach((words, index) => {
      const guidance = policy.steps[index]?.guidance.join(' ');
      for (const word of words) expect(guidance).toContain(word);
    });
  });

  test('is a policy file like any other: its data parses to itself, digest included', () => {
    expect(parsePolicy(JSON.parse(JSON.stringify(policyData(policy))))).toEqual(policy);
  });
});

test('the built-in policies have different digests', () => {
  expect(baseline.digest).not.toBe(strict.digest);
});
