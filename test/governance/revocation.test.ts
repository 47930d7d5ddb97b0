import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterRevocation } from '../../src/governance/agent-state.ts';
import { NotLowerError } from '../../src/governance/errors.ts';
import { evaluate, isEligible } from '../../src/governance/evaluation.ts';
import { DAY } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import {
  automaticRevocations,
  coolDownEnd,
  decideRevocation,
  loweredBy,
  type RuledViolation,
} from '../../src/governance/revocation.ts';
import { SEVERITIES, type Severity } from '../../src/governance/severity.ts';
import { TIERS, type Tier } from '../../src/governance/tier.ts';
import { AS_OF, earnedFacts, givenCounters, givenState } from './given.ts';

const violation = (seq: number, severity: Severity): RuledViolation => ({ seq, severity });

const rulesOf = (violations: readonly RuledViolation[], unconsumed = {}) =>
  automaticRevocations(baseline, violations, { unconsumed }).revocations.map(
    ({ rule, cause }) => `${rule.name} ${cause}`,
  );

const tier = fc.constantFrom(...TIERS);

describe('somebody’s revocation', () => {
  test('leads below the present tier, or with a suspension to the present one, and nowhere else', () => {
    for (const present of TIERS)
      for (const asked of [...TIERS, null])
        for (const suspend of [true, false]) {
          const decide = () =>
            decideRevocation({ agentId: 'eve', tier: present }, { toTier: asked, suspend });
          const distance = TIERS.indexOf(asked ?? present) - TIERS.indexOf(present);
          if (distance < 0 || (distance === 0 && suspend)) expect(decide()).toBe(asked ?? present);
          else expect(decide).toThrow(NotLowerError);
        }
  });
});

describe('the rules of baseline', () => {
  test('revoke for each HIGH and CRITICAL violation, in the order of the violations', () => {
    const violations = [violation(3, 'HIGH'), violation(4, 'CRITICAL'), violation(5, 'HIGH')];
    expect(rulesOf(violations)).toEqual(['high-violation 3', 'critical-violation 4', 'high-violation 5']);
  });

  test('revoke for the third MEDIUM violation in the window, and consume all three', () => {
    const six = [1, 2, 3, 4, 5, 6].map((seq) => violation(seq, 'MEDIUM'));
    expect(rulesOf(six)).toEqual(['three-medium-violations 3', 'three-medium-violations 6']);
    expect(rulesOf(six.slice(0, 2))).toEqual([]);
  });

  test('count what stood before', () => {
    const before = { 'three-medium-violations': 2 };
    expect(rulesOf([violation(9, 'MEDIUM')], before)).toEqual(['three-medium-violations 9']);
  });

  test('say nothing of LOW violations', () => {
    expect(rulesOf(Array.from({ length: 9 }, (_, seq) => violation(seq, 'LOW')))).toEqual([]);
  });

  test('lower to T0 or by one tier, and leave an agent at T0 there', () => {
    expect(TIERS.map((each) => loweredBy({ lowers: 'ONE_TIER' }, each))).toEqual([
      'T0',
      'T0',
      'T1',
      'T2',
      'T3',
    ]);
    expect(TIERS.map((each) => loweredBy({ lowers: 'TO_T0' }, each))).toEqual(TIERS.map(() => 'T0'));
  });

  test('never give more revocations for MEDIUM violations than a third of them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SEVERITIES)), (list) => {
        const violations = list.map((severity, seq) => violation(seq, severity));
        const { revocations } = automaticRevocations(baseline, violations, { unconsumed: {} });
        const fired = (severity: Severity) =>
          revocations.filter(({ rule }) => rule.severity === severity).length;
        const counting = violations.filter((each) => each.severity === 'MEDIUM');
        expect(fired('MEDIUM')).toBe(Math.floor(counting.length / 3));
        for (const severity of ['HIGH', 'CRITICAL'] as const)
          expect(fired(severity)).toBe(violations.filter((each) => each.severity === severity).length);
      }),
    );
  });
});

describe('the state after a revocation', () => {
  const revoked = (given: Parameters<typeof givenState>[0], toTier: Tier, suspends = false) =>
    afterRevocation(givenState(given), {
      toTier,
      suspends,
      at: AS_OF,
      seq: 99,
      coolDownUntil: coolDownEnd('MANUAL', AS_OF),
    });

  test('never has a higher tier, ends the streak, and lifts no suspension', () => {
    const counters = givenCounters(9);
    fc.assert(
      fc.property(tier, tier, fc.boolean(), fc.boolean(), (present, asked, suspended, suspends) => {
        fc.pre(TIERS.indexOf(asked) <= TIERS.indexOf(present));
        const after = revoked(
          { tier: present, suspended, counters, countersAtTier: counters },
          asked,
          suspends,
        );
        expect(after.tier).toBe(asked);
        expect(after.suspended).toBe(suspended || suspends);
        expect(after.counters).toEqual({ ...counters, consecutiveCompliantRuns: 0 });
        expect(after.countersAtTier.consecutiveCompliantRuns).toBe(0);
      }),
    );
  });

  test('cools down until the later of two ends', () => {
    const end = coolDownEnd('MANUAL', AS_OF);
    expect(revoked({ tier: 'T2' }, 'T1').revocationCoolDownUntil).toBe(end);
    for (const [before, after] of [
      [end - 1, end],
      [end + 1, end + 1],
    ] as const)
      expect(revoked({ tier: 'T2', revocationCoolDownUntil: before }, 'T1').revocationCoolDownUntil).toBe(
        after,
      );
    expect([coolDownEnd('MANUAL', 0), coolDownEnd('AUTOMATIC', 0)]).toEqual([7 * DAY, 14 * DAY]);
  });

  test('begins anew at another tier, and at the same tier keeps when it was entered, and a denial', () => {
    const given = { tier: 'T2', tierSince: 5, lastTierChangeSeq: 6, denialCoolDownUntil: AS_OF + 1 } as const;
    expect(revoked(given, 'T1')).toMatchObject({
      tier: 'T1',
      tierSince: AS_OF,
      lastTierChangeSeq: 99,
      denialCoolDownUntil: null,
    });
    expect(revoked(given, 'T2', true)).toMatchObject({ ...given, suspended: true });
  });
});

describe('an agent that has earned everything', () => {
  test('is never eligible while it is suspended, cools down or was denied, and is at the very end of a cool-down', () => {
    const until = fc.option(fc.integer({ min: AS_OF - 2, max: AS_OF + 2 }));
    const state = fc.record({
      tier: fc.constantFrom('T0', 'T1', 'T2', 'T3'),
      suspended: fc.boolean(),
      revocationCoolDownUntil: until,
      denialCoolDownUntil: until,
    } as const);
    fc.assert(
      fc.property(state, (given) => {
        const { revocationCoolDownUntil, denialCoolDownUntil } = given;
        const open = (end: number | null) => end === null || AS_OF >= end;
        const expected = !given.suspended && open(revocationCoolDownUntil) && open(denialCoolDownUntil);
        const answer = evaluate(baseline, earnedFacts({ state: given }));
        expect(isEligible(answer.status)).toBe(expected);
        const ends = [revocationCoolDownUntil, denialCoolDownUntil].filter((end) => end !== null);
        expect(answer.eligibleAt).toBe(given.suspended ? null : Math.max(AS_OF, ...ends));
      }),
    );
  });
});
