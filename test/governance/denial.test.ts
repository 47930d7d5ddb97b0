import { describe, expect, test } from 'vitest';
import { decideDenial, denialRefusal } from '../../src/governance/denial.ts';
import type { ErrorCode } from '../../src/governance/errors.ts';
import { DAY } from '../../src/governance/facts.ts';
import type { PromotionCase } from '../../src/governance/promotion.ts';
import { AS_OF, givenEarned } from './given.ts';

function givenCase(given: Partial<PromotionCase> = {}): PromotionCase {
  const evaluation = givenEarned({ state: { tier: 'T2' } });
  return {
    agentId: 'agent-1',
    evaluation,
    bound: { tier: 'T2', evidence: evaluation.evidence },
    voter: { principalKey: 'rob', role: 'REVIEWER', bar: null },
    votes: [],
    ...given,
  };
}

/** What a denial can be refused for, in the order that the API promises. */
const REFUSALS: readonly (readonly [string, ErrorCode, (each: PromotionCase) => PromotionCase])[] = [
  ['another tier', 'STALE_EVALUATION', (each) => ({ ...each, bound: { ...each.bound, tier: 'T0' } })],
  [
    'other evidence',
    'STALE_EVALUATION',
    (each) => ({ ...each, bound: { ...each.bound, evidence: 'f'.repeat(64) } }),
  ],
  [
    'no claim',
    'NO_CANDIDACY',
    (each) => ({ ...each, evaluation: { ...each.evaluation, status: 'NOT_ELIGIBLE' } }),
  ],
  ['a bar', 'SELF_APPROVAL', (each) => ({ ...each, voter: { ...each.voter, bar: 'OWNED_AGENT' } })],
];

describe('a denial', () => {
  test('closes its step for 7 days from the instant of its evaluation', () => {
    expect(decideDenial(givenCase())).toBe(AS_OF + 7 * DAY);
  });

  test('takes one person, whoever has voted', () => {
    const votes = [{ principalKey: 'rob', role: 'REVIEWER', seq: 4, barred: false }] as const;
    expect(denialRefusal(givenCase({ votes }))).toBeNull();
  });

  test('is refused for the first of several reasons in the promised order', () => {
    for (let chosen = 1; chosen < 2 ** REFUSALS.length; chosen += 1) {
      const present = REFUSALS.filter((_, index) => chosen & (1 << index));
      const refused = present.reduce((each, [, , apply]) => apply(each), givenCase());
      expect(() => decideDenial(refused)).toThrow(expect.objectContaining({ code: present[0]?.[1] }));
    }
  });

  test.each(['NOT_ELIGIBLE', 'DENIED'] as const)('of an agent that is %s finds no claim', (status) => {
    const evaluation = { ...givenEarned({ state: { tier: 'T2' } }), status };
    expect(denialRefusal(givenCase({ evaluation }))).toMatchObject({ code: 'NO_CANDIDACY', evaluation });
  });
});
