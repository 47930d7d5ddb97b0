import { describe, expect, test } from 'vitest';
import { DuplicateApprovalError, NotEligibleError, type ErrorCode } from '../../src/governance/errors.ts';
import { evaluate } from '../../src/governance/evaluation.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import {
  decidePromotion,
  promotionRefusal,
  votingRole,
  type PromotionCase,
} from '../../src/governance/promotion.ts';
import { AS_OF, earnedFacts, givenEarned, givenFacts } from './given.ts';

/** An agent at T3 that has earned T4, which takes a reviewer and an admin; an admin votes first. */
function givenCase(given: Partial<PromotionCase> = {}): PromotionCase {
  const evaluation = givenEarned({ state: { tier: 'T3' } });
  return {
    agentId: 'agent-1',
    evaluation,
    bound: { tier: 'T3', evidence: evaluation.evidence },
    voter: { principalKey: 'ada', role: 'ADMIN', bar: null },
    votes: [],
    ...given,
  };
}

const cast = (principalKey: string, role: 'ADMIN' | 'REVIEWER', barred = false) => ({
  principalKey,
  role,
  seq: 42,
  barred,
});

/** The refusal of a case, which deciding it throws. */
function refusalOf(refused: PromotionCase) {
  const refusal = promotionRefusal(refused);
  if (refusal === null) throw new Error('it was not refused');
  expect(() => decidePromotion(refused)).toThrow(refusal);
  return refusal;
}

/** What a case can be refused for, in the order that the API promises, each as a change of a case. */
const REFUSALS: readonly (readonly [string, ErrorCode, (each: PromotionCase) => PromotionCase])[] = [
  [
    'the highest tier',
    'MAXIMUM_TIER',
    (each) => ({ ...each, evaluation: evaluate(baseline, earnedFacts({ state: { tier: 'T4' } })) }),
  ],
  ['another tier', 'STALE_EVALUATION', (each) => ({ ...each, bound: { ...each.bound, tier: 'T0' } })],
  [
    'other evidence',
    'STALE_EVALUATION',
    (each) => ({ ...each, bound: { ...each.bound, evidence: 'f'.repeat(64) } }),
  ],
  [
    'unmet requirements',
    'NOT_ELIGIBLE',
    (each) => ({ ...each, evaluation: { ...each.evaluation, status: 'NOT_ELIGIBLE' } }),
  ],
  ['a bar', 'SELF_APPROVAL', (each) => ({ ...each, voter: { ...each.voter, bar: 'OWNS_AGENT' } })],
  [
    'an earlier vote',
    'DUPLICATE_APPROVAL',
    (each) => ({ ...each, votes: [cast(each.voter.principalKey, 'ADMIN')] }),
  ],
];

describe('a refusal', () => {
  test.each(REFUSALS)('for %s is %s', (_, code, apply) => {
    expect(refusalOf(apply(givenCase())).code).toBe(code);
  });

  test('for several reasons is for the first of them in the promised order', () => {
    for (let chosen = 1; chosen < 2 ** REFUSALS.length; chosen += 1) {
      const present = REFUSALS.filter((_, index) => chosen & (1 << index));
      const refused = present.reduce((each, [, , apply]) => apply(each), givenCase());
      expect([present.map(([name]) => name), refusalOf(refused).code]).toEqual([
        present.map(([name]) => name),
        present[0]?.[1],
      ]);
    }
  });

  test('of another tier says so rather than that the evidence differs', () => {
    const stale = givenCase({ bound: { tier: 'T0', evidence: 'f'.repeat(64) } });
    expect(refusalOf(stale).message).toMatch(/at T0; it is at T3 now/);
  });

  test.each([
    ['lacks something', givenFacts({ state: { tier: 'T3' } })],
    ['was denied', earnedFacts({ state: { tier: 'T3', denialCoolDownUntil: AS_OF + 1 } })],
    ['is suspended', earnedFacts({ state: { tier: 'T3', suspended: true } })],
    ['cools down', earnedFacts({ state: { tier: 'T3', revocationCoolDownUntil: AS_OF + 1 } })],
  ])('of an agent that %s is NOT_ELIGIBLE and carries the evaluation', (_, facts) => {
    const evaluation = evaluate(baseline, facts);
    const error = refusalOf(givenCase({ evaluation, bound: { tier: 'T3', evidence: null } }));
    expect(error).toBeInstanceOf(NotEligibleError);
    expect(error).toMatchObject({ code: 'NOT_ELIGIBLE', evaluation });
  });

  test.each([
    ['IS_AGENT', /An agent can't approve agent-1/],
    ['OWNS_AGENT', /Its owner can't/],
    ['RECORDED_RUN', /recorded a run/],
  ] as const)('of a voter barred by %s says why', (bar, why) => {
    const barred = givenCase({ voter: { principalKey: 'ada', role: 'ADMIN', bar } });
    expect(refusalOf(barred)).toMatchObject({ code: 'SELF_APPROVAL', message: why });
  });

  test('of a second vote names the first and what is missing', () => {
    const error = refusalOf(givenCase({ votes: [cast('ada', 'ADMIN')] }));
    expect(error).toBeInstanceOf(DuplicateApprovalError);
    expect(error).toMatchObject({
      approval: 42,
      missing: [{ role: 'REVIEWER', count: 1 }],
      message: /1 reviewer/,
    });
  });
});

describe('a vote', () => {
  test('that completes the quorum promotes by one step', () => {
    const voted = givenCase({ votes: [cast('rob', 'REVIEWER')] });
    expect(decidePromotion(voted)).toEqual({ outcome: 'PROMOTED', toTier: 'T4' });
  });

  test('that is one of two is recorded, with what is missing', () => {
    expect(decidePromotion(givenCase())).toEqual({
      outcome: 'APPROVED',
      missing: [{ role: 'REVIEWER', count: 1 }],
    });
  });

  test('is bound to nothing that its caller did not name', () => {
    const bound = { tier: null, evidence: null };
    expect(decidePromotion(givenCase({ bound })).outcome).toBe('APPROVED');
  });

  test.each(['T0', 'T1'] as const)('of one reviewer promotes an eligible agent at %s', (tier) => {
    const evaluation = givenEarned({ state: { tier } });
    const voter = { principalKey: 'rob', role: 'REVIEWER', bar: null } as const;
    const decided = decidePromotion(givenCase({ evaluation, voter, bound: { tier, evidence: null } }));
    expect(decided).toEqual({ outcome: 'PROMOTED', toTier: tier === 'T0' ? 'T1' : 'T2' });
  });

  test('by somebody who could no longer cast it counts for nothing at completion', () => {
    const votes = [cast('rob', 'REVIEWER', true)];
    expect(decidePromotion(givenCase({ votes }))).toEqual({
      outcome: 'APPROVED',
      missing: [{ role: 'REVIEWER', count: 1 }],
    });
  });

  test('is cast with the highest role that its voter has', () => {
    expect(votingRole(['VIEWER', 'REVIEWER', 'ADMIN'])).toBe('ADMIN');
    expect(votingRole(['REVIEWER', 'AUDITOR'])).toBe('REVIEWER');
  });
});
