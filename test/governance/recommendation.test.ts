import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/governance/evaluation.ts';
import { DAY } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { recommendation } from '../../src/governance/recommendation.ts';
import { AS_OF, earnedFacts, givenFacts } from './given.ts';

type Given = Parameters<typeof earnedFacts>[0];

const earned = (given: Given) => recommendation(evaluate(baseline, earnedFacts(given)));

describe('a recommendation', () => {
  test('names the tier that an agent has earned', () => {
    expect(earned({})).toBe('Has earned T1: a reviewer can promote it.');
  });

  test('guides whoever reviews', () => {
    expect(earned({ state: { tier: 'T3' } })).toBe(
      'Meets every requirement of T4; people must review it: Rare. Has an extensive track record.',
    );
  });

  test('lists all that is missing', () => {
    expect(recommendation(evaluate(baseline, givenFacts()))).toBe(
      'Needs 5 compliant runs; 3 compliant runs in a row; an action of type generate_plan in the last 30 days.',
    );
  });

  test('says what stands in the way and from when it no longer does', () => {
    expect(earned({ state: { denialCoolDownUntil: AS_OF + 7 * DAY } })).toBe(
      'Denied; it can be promoted again from 2026-07-07 12:00 UTC. Eligible from 2026-07-07 12:00 UTC if nothing else happens.',
    );
    expect(earned({ state: { revocationCoolDownUntil: AS_OF + 14 * DAY } })).toMatch(
      /^Cooling down after a revocation until 2026-07-14 12:00 UTC\. Eligible from/,
    );
    expect(earned({ state: { suspended: true } })).toBe('Suspended until an admin reinstates it.');
    expect(earned({ state: { tier: 'T4' } })).toBe('T4 is the highest tier.');
  });
});
