import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterPromotion,
  afterReportedViolation,
  afterRun,
  afterViolationInRun,
  registered,
  type AgentState,
} from '../../src/governance/agent-state.ts';
import { countRun, countViolation, NO_RUNS, type RunCounters } from '../../src/governance/run-counters.ts';
import { arbitraryStory } from '../support/arbitrary-facts.ts';
import { AS_OF, givenCounters, givenState } from './given.ts';
import { foldStory } from './story.ts';

const counted = (
  totalRuns: number,
  compliantRuns: number,
  consecutiveCompliantRuns: number,
): RunCounters => ({
  totalRuns,
  compliantRuns,
  consecutiveCompliantRuns,
});

describe('counters', () => {
  test('a compliant run adds one to all three', () => {
    expect(countRun(counted(7, 5, 2), true)).toEqual(counted(8, 6, 3));
  });

  test('a run with a violation adds to the total and ends the streak', () => {
    expect(countRun(counted(7, 5, 2), false)).toEqual(counted(8, 5, 0));
  });

  test('a violation reported later ends the streak, and takes back its run if that was compliant', () => {
    expect(countViolation(counted(7, 5, 2), true)).toEqual(counted(7, 4, 0));
    expect(countViolation(counted(7, 5, 2), false)).toEqual(counted(7, 5, 0));
  });

  test('a violation never makes a count negative', () => {
    expect(countViolation(NO_RUNS, true)).toEqual(NO_RUNS);
  });
});

describe('the state of an agent', () => {
  const state: AgentState = givenState({
    tier: 'T1',
    counters: givenCounters(9),
    countersAtTier: givenCounters(4),
    lastTierChangeSeq: 20,
    denialCoolDownUntil: AS_OF + 1,
    revocationCoolDownUntil: AS_OF + 2,
  });

  test('begins at T0 with zeros', () => {
    expect(registered('agent-1', AS_OF, 3)).toEqual({
      agentId: 'agent-1',
      tier: 'T0',
      tierSince: AS_OF,
      suspended: false,
      counters: counted(0, 0, 0),
      countersAtTier: counted(0, 0, 0),
      revocationCoolDownUntil: null,
      denialCoolDownUntil: null,
      lastTierChangeSeq: 3,
      lastViolationSeq: 0,
    });
  });

  test.each([true, false])('after a run (compliant: %s) differs in both counts alone', (compliant) => {
    expect(afterRun(state, compliant)).toEqual({
      ...state,
      counters: compliant ? counted(10, 10, 10) : counted(10, 9, 0),
      countersAtTier: compliant ? counted(5, 5, 5) : counted(5, 4, 0),
    });
  });

  test('after a violation in a run that has been counted differs in its last violation alone', () => {
    expect(afterViolationInRun(state, 31)).toEqual({ ...state, lastViolationSeq: 31 });
  });

  test.each([
    ['no run', null, counted(9, 9, 0), counted(4, 4, 0)],
    [
      'a run that was compliant, at this tier',
      { seq: 21, compliant: true },
      counted(9, 8, 0),
      counted(4, 3, 0),
    ],
    [
      'a run that was compliant, before this tier',
      { seq: 19, compliant: true },
      counted(9, 8, 0),
      counted(4, 4, 0),
    ],
    [
      'a run that was not compliant any more',
      { seq: 21, compliant: false },
      counted(9, 9, 0),
      counted(4, 4, 0),
    ],
  ])('after a reported violation of %s has no streak', (_, run, counters, countersAtTier) => {
    const after = afterReportedViolation(state, { seq: 31, run });
    expect(after).toEqual({ ...state, counters, countersAtTier, lastViolationSeq: 31 });
  });

  test('after a promotion counts anew at the tier; lifetime counts, a suspension and a revocation cool-down stay', () => {
    const suspended = { ...state, suspended: true };
    expect(afterPromotion(suspended, { toTier: 'T2', at: AS_OF, seq: 31 })).toEqual({
      ...suspended,
      tier: 'T2',
      tierSince: AS_OF,
      countersAtTier: NO_RUNS,
      denialCoolDownUntil: null,
      lastTierChangeSeq: 31,
    });
  });
});

test('whatever happens, no streak exceeds the compliant runs, nor those the total, nor those at the tier the lifetime', () => {
  fc.assert(
    fc.property(arbitraryStory, (story) => {
      const { counters, countersAtTier } = foldStory(story);
      for (const each of [counters, countersAtTier]) {
        expect(each.consecutiveCompliantRuns).toBeLessThanOrEqual(each.compliantRuns);
        expect(each.compliantRuns).toBeLessThanOrEqual(each.totalRuns);
      }
      expect(countersAtTier.totalRuns).toBeLessThanOrEqual(counters.totalRuns);
      expect(countersAtTier.compliantRuns).toBeLessThanOrEqual(counters.compliantRuns);
      expect(countersAtTier.consecutiveCompliantRuns).toBeLessThanOrEqual(counters.consecutiveCompliantRuns);
    }),
  );
});
