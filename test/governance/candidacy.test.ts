import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidacyTransition, missingNeeds, type Vote } from '../../src/governance/candidacy.ts';
import type { ApprovalNeed } from '../../src/governance/policy.ts';

describe('a candidacy', () => {
  test.each([
    [false, 'ELIGIBLE', 'OPENS'],
    [false, 'PENDING_REVIEW', 'OPENS'],
    [false, 'NOT_ELIGIBLE', 'STAYS'],
    [false, 'DENIED', 'STAYS'],
    [true, 'ELIGIBLE', 'STAYS'],
    [true, 'PENDING_REVIEW', 'STAYS'],
    [true, 'NOT_ELIGIBLE', 'LAPSES'],
    [true, 'DENIED', 'LAPSES'],
  ] as const)('(open: %s) under the status %s %s', (open, status, transition) => {
    expect(candidacyTransition(open, { status })).toBe(transition);
  });
});

const reviewer = (count: number): ApprovalNeed => ({ role: 'REVIEWER', count });
const admin = (count: number): ApprovalNeed => ({ role: 'ADMIN', count });
const votes = (roles: string): readonly Vote[] =>
  Array.from(roles, (role, index) => ({
    principalKey: `p${index}`,
    role: role === 'A' ? 'ADMIN' : 'REVIEWER',
  }));

describe('a quorum', () => {
  test.each<[string, readonly ApprovalNeed[], readonly ApprovalNeed[]]>([
    ['', [reviewer(1), admin(1)], [reviewer(1), admin(1)]],
    ['R', [reviewer(1)], []],
    ['A', [reviewer(1)], []],
    ['A', [reviewer(1), admin(1)], [reviewer(1)]],
    ['R', [reviewer(1), admin(1)], [admin(1)]],
    ['RR', [reviewer(1), admin(1)], [admin(1)]],
    ['RA', [reviewer(1), admin(1)], []],
    ['AA', [reviewer(1), admin(1)], []],
    ['RRR', [admin(1)], [admin(1)]],
    ['AAR', [reviewer(3), admin(1)], [reviewer(1)]],
    ['RRRR', [reviewer(1), admin(2)], [admin(2)]],
  ])('after the votes "%s" of what %j asks still misses %j', (roles, needs, missing) => {
    expect(missingNeeds(needs, votes(roles))).toEqual(missing);
  });

  test('is of distinct people: one who votes often fills one need', () => {
    const often = Array.from({ length: 5 }, (): Vote => ({ principalKey: 'one', role: 'ADMIN' }));
    expect(missingNeeds([reviewer(1), admin(1)], often)).toEqual([reviewer(1)]);
  });
});

const count = fc.integer({ min: 1, max: 5 });
const needs = fc.oneof(
  count.map((each) => [reviewer(each)]),
  count.map((each) => [admin(each)]),
  fc.tuple(count, count).map(([a, b]) => [reviewer(a), admin(b)]),
  fc.tuple(count, count).map(([a, b]) => [admin(a), reviewer(b)]),
);
const ballot = fc.array(fc.constantFrom('A', 'R'), { maxLength: 8 }).map((roles) => votes(roles.join('')));

/** The fewest people who are still missing, found by trying every way to seat the voters. */
function fewestMissing(seats: readonly string[], [vote, ...others]: readonly Vote[]): number {
  if (vote === undefined) return seats.length;
  const taken = seats.flatMap((seat, index) =>
    seat === vote.role || vote.role === 'ADMIN' ? [seats.filter((_, other) => other !== index)] : [],
  );
  return Math.min(...[seats, ...taken].map((left) => fewestMissing(left, others)));
}

describe('whoever votes', () => {
  test('the order of votes never matters', () => {
    const shuffled = ballot.chain((cast) =>
      fc.tuple(
        fc.constant(cast),
        fc.shuffledSubarray([...cast], { minLength: cast.length, maxLength: cast.length }),
      ),
    );
    fc.assert(
      fc.property(needs, shuffled, (asked, [cast, other]) => {
        expect(missingNeeds(asked, other)).toEqual(missingNeeds(asked, cast));
      }),
    );
  });

  test('no way of seating the voters leaves fewer needs open', () => {
    fc.assert(
      fc.property(needs, ballot, (asked, cast) => {
        const seats = asked.flatMap((need) => Array.from({ length: need.count }, () => need.role));
        const missing = missingNeeds(asked, cast).reduce((sum, need) => sum + need.count, 0);
        expect(missing).toBe(fewestMissing(seats, cast));
      }),
      { numRuns: 200 },
    );
  });

  test('one more vote never makes more missing, and what is missing is part of what was asked', () => {
    fc.assert(
      fc.property(
        needs,
        ballot,
        fc.constantFrom('ADMIN' as const, 'REVIEWER' as const),
        (asked, cast, role) => {
          const before = missingNeeds(asked, cast);
          const after = missingNeeds(asked, [...cast, { principalKey: 'one more', role }]);
          const countIn = (list: readonly ApprovalNeed[], of: ApprovalNeed) =>
            list.find((need) => need.role === of.role)?.count ?? 0;
          for (const need of asked) {
            expect(countIn(after, need)).toBeLessThanOrEqual(countIn(before, need));
            expect(countIn(before, need)).toBeLessThanOrEqual(need.count);
          }
          expect(after.every((need) => need.count > 0)).toBe(true);
        },
      ),
    );
  });
});
