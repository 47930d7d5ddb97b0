import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/governance/evaluation.ts';
import { ageFacts, DAY, leavesWindow, mergeNeeds, type Facts } from '../../src/governance/facts.ts';
import { keyOf } from '../../src/governance/policy.ts';
import type { Requirement } from '../../src/governance/requirement.ts';
import { REQUIREMENT_KINDS, type RequirementData } from '../../src/governance/requirements/index.ts';
import { AS_OF, givenCounters, givenFacts, givenPolicy } from './given.ts';

const EDGE = AS_OF - 30 * DAY;
const agoDays = (days: number) => AS_OF - days * DAY;

function measured(data: RequirementData, facts: Facts): Requirement {
  const [requirement] = evaluate(givenPolicy([data]), facts).requirements;
  if (requirement === undefined) throw new Error('nothing was measured');
  return requirement;
}

/** The same facts when the window begins at `EDGE` and when it begins a millisecond later. */
function atEdge(data: RequirementData, facts: Facts): readonly Requirement[] {
  const before = { ...facts, asOf: AS_OF - 10 };
  return [AS_OF, AS_OF + 1].map((asOf) => measured(data, ageFacts(before, asOf, 30)));
}

describe('the edge of the window', () => {
  const cases: readonly (readonly [RequirementData, Facts, readonly boolean[]])[] = [
    [
      { kind: 'ACTION_TYPE', action: 'plan', counts: 'ANY' },
      givenFacts({ newestActions: { plan: EDGE } }),
      [true, false],
    ],
    [
      { kind: 'ACTION_TYPE', action: 'plan', counts: 'SUCCESSFUL_EXECUTIONS' },
      givenFacts({ newestExecutions: { plan: EDGE } }),
      [true, false],
    ],
    [
      { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 2 },
      givenFacts({ successfulExecutions: [AS_OF, EDGE] }),
      [true, false],
    ],
    [
      { kind: 'VIOLATIONS', atMost: 0 },
      givenFacts({ violations: { count: 1, newest: [EDGE] } }),
      [false, true],
    ],
  ];

  test.each(cases)(
    'counts for %j what occurred exactly 30 days ago, and no longer a millisecond later',
    (data, facts, met) => {
      const [at, after] = atEdge(data, facts);
      expect([at?.met, after?.met]).toEqual(met);
      expect(at?.changesAt).toBe(AS_OF + 1);
      expect(after?.changesAt).toBeNull();
    },
  );

  test('is passed 30 days and a millisecond after a fact occurred', () => {
    expect(leavesWindow(AS_OF, 30)).toBe(AS_OF + 30 * 86_400_000 + 1);
    expect(leavesWindow(AS_OF, 7)).toBe(AS_OF + 7 * 86_400_000 + 1);
  });
});

describe('VIOLATIONS', () => {
  const days = [2, 3, 5, 7, 11];

  test.each([0, 1, 2, 3, 4])(
    'with 5 in the window and %i allowed changes when v[5−m] leaves it',
    (atMost) => {
      const newest = days.map(agoDays).slice(0, atMost + 1);
      const oldestFirst = days.map(agoDays).reverse();
      const { met, actual, required, remaining, changesAt } = measured(
        { kind: 'VIOLATIONS', atMost },
        givenFacts({ violations: { count: 5, newest } }),
      );
      expect({ met, actual, required, remaining }).toEqual({
        met: false,
        actual: 5,
        required: atMost,
        remaining: 5 - atMost,
      });
      expect(changesAt).toBe((oldestFirst[5 - atMost - 1] ?? 0) + 30 * DAY + 1);
    },
  );

  test.each([5, 6])('with 5 in the window and %i allowed never changes by itself', (atMost) => {
    const facts = givenFacts({ violations: { count: 5, newest: days.map(agoDays) } });
    expect(measured({ kind: 'VIOLATIONS', atMost }, facts)).toMatchObject({
      met: true,
      remaining: 0,
      changesAt: null,
    });
  });

  test('that occurred at one instant leave together', () => {
    const facts = givenFacts({ violations: { count: 3, newest: [AS_OF, AS_OF] } });
    const data = { kind: 'VIOLATIONS', atMost: 1 } as const;
    expect(measured(data, facts).changesAt).toBe(AS_OF + 30 * DAY + 1);
    expect(measured(data, ageFacts(facts, AS_OF + 30 * DAY + 1, 30))).toMatchObject({ met: true, actual: 0 });
  });
});

describe('SUCCESSFUL_MODIFICATIONS', () => {
  const times = [1, 2, 3, 4, 5].map(agoDays);

  test.each([1, 2, 3, 4, 5])(
    'of which %i are asked change when the n-th newest leaves the window',
    (atLeast) => {
      const requirement = measured(
        { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast },
        givenFacts({ successfulExecutions: times }),
      );
      expect(requirement).toMatchObject({ met: true, actual: atLeast, remaining: 0 });
      expect(requirement.changesAt).toBe(agoDays(atLeast) + 30 * DAY + 1);
    },
  );

  test('that are too few never become enough by themselves', () => {
    const facts = givenFacts({ successfulExecutions: times });
    expect(measured({ kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 7 }, facts)).toMatchObject({
      met: false,
      actual: 5,
      remaining: 2,
      changesAt: null,
    });
  });
});

describe('ACTION_TYPE', () => {
  test.each([
    ['ANY', 'newestActions'],
    ['SUCCESSFUL_EXECUTIONS', 'newestExecutions'],
    ['SUCCESSFUL_PLANS', 'newestPlans'],
  ] as const)('that counts %s looks at nothing else', (counts, own) => {
    const all = { newestActions: {}, newestExecutions: {}, newestPlans: {} };
    const facts = Object.keys(all).map((name) => [name, name === own ? {} : { plan: AS_OF }]);
    const data = { kind: 'ACTION_TYPE', action: 'plan', counts } as const;
    expect(measured(data, givenFacts(Object.fromEntries(facts) as typeof all)).met).toBe(false);
    expect(measured(data, givenFacts({ [own]: { plan: AS_OF } })).met).toBe(true);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    '%s is not met by what every object inherits',
    (action) => {
      const data = { kind: 'ACTION_TYPE', action, counts: 'ANY' } as const;
      expect(measured(data, givenFacts())).toMatchObject({ met: false, actual: 0 });
      const done = givenFacts({ newestActions: Object.fromEntries([[action, AS_OF]]) });
      expect(measured(data, done)).toMatchObject({ met: true, key: `ACTION_TYPE:${action}`, action });
      expect(measured(data, ageFacts(done, AS_OF + DAY, 30)).met).toBe(true);
    },
  );
});

describe('TIME_AT_TIER', () => {
  const data = { kind: 'TIME_AT_TIER', days: 7 } as const;

  test.each([
    [7 * DAY, { met: true, actual: 7, remaining: 0, changesAt: null }],
    [7 * DAY - 1, { met: false, actual: 6, remaining: 1, changesAt: AS_OF + 1 }],
    [0, { met: false, actual: 0, remaining: 7, changesAt: AS_OF + 7 * DAY }],
    [400 * DAY, { met: true, actual: 400, remaining: 0, changesAt: null }],
    [-DAY, { met: false, actual: 0, remaining: 7, changesAt: AS_OF + 8 * DAY }],
  ])('of 7 days after %i milliseconds is counted in whole days', (elapsed, expected) => {
    expect(measured(data, givenFacts({ state: { tierSince: AS_OF - elapsed } }))).toMatchObject(expected);
  });
});

describe('runs', () => {
  const facts = givenFacts({ state: { counters: givenCounters(5), countersAtTier: givenCounters(2) } });

  test.each(['COMPLIANT_RUNS', 'CONSECUTIVE_COMPLIANT_RUNS'] as const)(
    '%s counts a lifetime or those at the tier',
    (kind) => {
      expect(measured({ kind, atLeast: 5, since: 'LIFETIME' }, facts)).toMatchObject({
        met: true,
        actual: 5,
        changesAt: null,
      });
      expect(measured({ kind, atLeast: 5, since: 'TIER' }, facts)).toMatchObject({
        met: false,
        actual: 2,
        remaining: 3,
      });
    },
  );

  test('that are compliant and those in a row are two numbers', () => {
    const counters = { totalRuns: 9, compliantRuns: 7, consecutiveCompliantRuns: 3 };
    const given = givenFacts({ state: { counters } });
    expect(measured({ kind: 'COMPLIANT_RUNS', atLeast: 1, since: 'LIFETIME' }, given).actual).toBe(7);
    expect(
      measured({ kind: 'CONSECUTIVE_COMPLIANT_RUNS', atLeast: 1, since: 'LIFETIME' }, given).actual,
    ).toBe(3);
  });
});

describe('every kind of requirement', () => {
  const examples: Record<RequirementData['kind'], RequirementData> = {
    COMPLIANT_RUNS: { kind: 'COMPLIANT_RUNS', atLeast: 1, since: 'TIER' },
    CONSECUTIVE_COMPLIANT_RUNS: { kind: 'CONSECUTIVE_COMPLIANT_RUNS', atLeast: 2, since: 'LIFETIME' },
    ACTION_TYPE: { kind: 'ACTION_TYPE', action: 'plan', counts: 'ANY' },
    SUCCESSFUL_MODIFICATIONS: { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 2 },
    VIOLATIONS: { kind: 'VIOLATIONS', atMost: 0 },
    TIME_AT_TIER: { kind: 'TIME_AT_TIER', days: 2 },
  };
  const messages = {
    COMPLIANT_RUNS: '1 compliant run at this tier',
    CONSECUTIVE_COMPLIANT_RUNS: '2 compliant runs in a row',
    ACTION_TYPE: 'an action of type plan in the last 30 days',
    SUCCESSFUL_MODIFICATIONS: '2 successful executions in the last 30 days',
    VIOLATIONS: 'no violations in the last 30 days',
    TIME_AT_TIER: '2 days at this tier',
  };

  test.each(REQUIREMENT_KINDS.map(({ kind }) => kind))('%s says in words what it asks', (kind) => {
    const requirement = measured(examples[kind], givenFacts());
    expect(requirement).toMatchObject({ kind, key: keyOf(examples[kind]), message: messages[kind] });
  });
});

test('what several requirements need to be looked up covers each of them', () => {
  const need = {
    actionTypes: ['b', 'a'],
    executionTypes: ['x'],
    planTypes: ['p'],
    successfulExecutions: 2,
    violations: 1,
  };
  const other = {
    actionTypes: ['a', 'c'],
    executionTypes: [],
    planTypes: ['q', 'p'],
    successfulExecutions: 5,
    violations: 0,
  };
  expect(mergeNeeds([need, other])).toEqual({
    actionTypes: ['a', 'b', 'c'],
    executionTypes: ['x'],
    planTypes: ['p', 'q'],
    successfulExecutions: 5,
    violations: 1,
  });
  expect(mergeNeeds([])).toEqual({
    actionTypes: [],
    executionTypes: [],
    planTypes: [],
    successfulExecutions: 0,
    violations: 0,
  });
});
