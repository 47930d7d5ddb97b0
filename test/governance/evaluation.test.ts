import { describe, expect, test } from 'vitest';
import { evaluate, isEligible, PROMOTION_STATUSES } from '../../src/governance/evaluation.ts';
import { DAY } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { strict } from '../../src/governance/policies/strict.ts';
import { TIERS } from '../../src/governance/tier.ts';
import { AS_OF, earnedFacts, givenEarned, givenFacts, givenPolicy } from './given.ts';

const inDays = (days: number) => AS_OF + days * DAY;

/** All that can stand in the way at once. */
const everything = {
  suspended: true,
  revocationCoolDownUntil: inDays(14),
  denialCoolDownUntil: inDays(7),
};

describe('the status of an agent', () => {
  test('at T4 is NOT_ELIGIBLE for T4, whatever else stands in the way', () => {
    const { status, targetTier, step, requirements, blockers, eligibleAt } = givenEarned({
      state: { tier: 'T4', ...everything },
    });
    expect({ status, targetTier, step, requirements, eligibleAt }).toEqual({
      status: 'NOT_ELIGIBLE',
      targetTier: 'T4',
      step: null,
      requirements: [],
      eligibleAt: null,
    });
    expect(blockers).toContainEqual({ kind: 'MAXIMUM_TIER', until: null });
  });

  test('is DENIED in a denial cool-down, before any other blocker and any unmet requirement', () => {
    const denied = evaluate(baseline, givenFacts({ state: everything }));
    expect(denied.status).toBe('DENIED');
    expect(denied.blockers).toEqual([
      { kind: 'SUSPENDED', until: null },
      { kind: 'REVOCATION_COOL_DOWN', until: inDays(14) },
      { kind: 'DENIAL_COOL_DOWN', until: inDays(7) },
    ]);
    expect(givenEarned({ state: { denialCoolDownUntil: inDays(7) } }).status).toBe('DENIED');
    expect(givenEarned({ state: { tier: 'T2', denialCoolDownUntil: inDays(7) } }).status).toBe('DENIED');
  });

  test('is NOT_ELIGIBLE while it is suspended, and stays so until somebody lifts that', () => {
    const { status, blockers, changesAt, eligibleAt } = givenEarned({
      state: { tier: 'T3', suspended: true },
      violations: { count: 0, newest: [] },
    });
    expect({ status, changesAt, eligibleAt }).toEqual({
      status: 'NOT_ELIGIBLE',
      changesAt: null,
      eligibleAt: null,
    });
    expect(blockers).toEqual([{ kind: 'SUSPENDED', until: null }]);
  });

  test.each(['REVOCATION_COOL_DOWN', 'DENIAL_COOL_DOWN'] as const)('in a %s changes when it ends', (kind) => {
    const key = kind === 'DENIAL_COOL_DOWN' ? 'denialCoolDownUntil' : 'revocationCoolDownUntil';
    const cooling = givenEarned({ state: { tier: 'T3', [key]: AS_OF + 1 } });
    expect(cooling.status).toBe(kind === 'DENIAL_COOL_DOWN' ? 'DENIED' : 'NOT_ELIGIBLE');
    expect(cooling.blockers).toEqual([{ kind, until: AS_OF + 1 }]);
    expect([cooling.changesAt, cooling.eligibleAt]).toEqual([AS_OF + 1, AS_OF + 1]);
    expect(givenEarned({ state: { tier: 'T3', [key]: AS_OF } })).toMatchObject({
      status: 'PENDING_REVIEW',
      blockers: [],
    });
  });

  test('is NOT_ELIGIBLE if one requirement is unmet, though the step is reviewed by hand', () => {
    const violations = { count: 1, newest: [AS_OF] };
    for (const tier of ['T0', 'T1', 'T2', 'T3'] as const)
      expect(givenEarned({ state: { tier }, violations }).status).toBe('NOT_ELIGIBLE');
  });

  test.each([
    ['T0', 'T1', 'ELIGIBLE'],
    ['T1', 'T2', 'ELIGIBLE'],
    ['T2', 'T3', 'PENDING_REVIEW'],
    ['T3', 'T4', 'PENDING_REVIEW'],
  ] as const)('at %s that has earned %s is %s', (tier, targetTier, status) => {
    for (const policy of [baseline, strict]) {
      expect(givenEarned({ state: { tier } }, policy)).toMatchObject({
        status,
        currentTier: tier,
        targetTier,
        blockers: [],
        eligibleAt: AS_OF,
        evaluatedAt: AS_OF,
        policy: policy.digest,
      });
    }
  });

  test('is a claim to the next tier if it is ELIGIBLE or PENDING_REVIEW', () => {
    expect(PROMOTION_STATUSES.filter(isEligible)).toEqual(['ELIGIBLE', 'PENDING_REVIEW']);
  });
});

describe('an agent that has done nothing', () => {
  test.each([baseline, strict])('has zeros under $name, never an error', (policy) => {
    for (const tier of TIERS) {
      const { status, requirements } = evaluate(policy, givenFacts({ asOf: 0, state: { tier } }));
      expect(status).toBe('NOT_ELIGIBLE');
      for (const each of requirements) expect([each.key, each.actual]).toEqual([each.key, 0]);
    }
  });

  test('meets what allows violations and nothing that asks for something', () => {
    const { requirements } = evaluate(strict, givenFacts({ asOf: 0, state: { tier: 'T2' } }));
    expect(requirements.filter((each) => each.met).map((each) => each.kind)).toEqual(['VIOLATIONS']);
    expect(requirements.map(({ bound, required, remaining }) => [bound, required, remaining])).toEqual([
      ['AT_LEAST', 25, 25],
      ['AT_LEAST', 10, 10],
      ['AT_LEAST', 1, 1],
      ['AT_LEAST', 1, 1],
      ['AT_LEAST', 5, 5],
      ['AT_MOST', 0, 0],
      ['AT_LEAST', 7, 7],
    ]);
  });
});

describe('eligibleAt', () => {
  const clean = givenPolicy([{ kind: 'VIOLATIONS', atMost: 0 }]);
  const active = givenPolicy([
    { kind: 'VIOLATIONS', atMost: 0 },
    { kind: 'ACTION_TYPE', action: 'plan', counts: 'ANY' },
  ]);

  test('is where the last of several obstacles ends', () => {
    const facts = earnedFacts({
      state: { denialCoolDownUntil: inDays(3), revocationCoolDownUntil: inDays(6) },
      violations: { count: 1, newest: [inDays(-25)] },
    });
    const { changesAt, eligibleAt } = evaluate(clean, facts);
    expect([changesAt, eligibleAt]).toEqual([inDays(3), inDays(6)]);
  });

  test('is null if what is met now is lost before the last obstacle ends', () => {
    const facts = givenFacts({
      newestActions: { plan: inDays(-25) },
      violations: { count: 1, newest: [inDays(-20)] },
    });
    const { changesAt, eligibleAt } = evaluate(active, facts);
    expect([changesAt, eligibleAt]).toEqual([inDays(5) + 1, null]);
  });

  test('is reached if the last obstacle ends at the very instant before something is lost', () => {
    const facts = givenFacts({
      newestActions: { plan: inDays(-20) },
      violations: { count: 1, newest: [inDays(-20) - 1] },
    });
    expect(evaluate(active, facts).eligibleAt).toBe(inDays(10));
  });

  test('is null if only more work helps', () => {
    expect(evaluate(baseline, givenFacts()).eligibleAt).toBeNull();
  });
});
