import { describe, expect, test } from 'vitest';
import { tierAfter } from '../../src/governance/ledger/entries.ts';
import { nextTier, tierOf, TIERS } from '../../src/governance/tier.ts';
import { AS_OF, givenState } from './given.ts';

describe('a tier', () => {
  test('is one of five, and the next is one step up; above T4 there is none', () => {
    expect(TIERS).toEqual(['T0', 'T1', 'T2', 'T3', 'T4']);
    expect(TIERS.map(nextTier)).toEqual(['T1', 'T2', 'T3', 'T4', null]);
  });

  test('is read from the numbers 0 to 4', () => {
    expect([0, 1, 2, 3, 4].map(tierOf)).toEqual([...TIERS]);
  });

  test.each([-1, 5, 1.5, NaN, Infinity, 2 ** 53])('is no other number, such as %d', (level) => {
    expect(tierOf(level)).toBeNull();
  });

  test('is what an entry that changes it leads to, and no other entry leads to one', () => {
    const common = { at: AS_OF, agentId: 'agent-1', actor: 'k1' };
    const after = givenState();
    const registered = { fromTier: null, toTier: 'T0', owner: null, after } as const;
    expect(tierAfter({ ...common, type: 'AGENT_REGISTERED', payload: registered })).toBe('T0');
    expect(
      tierAfter({ ...common, type: 'RUN_RECORDED', payload: { runId: 'r', digest: 'd', after } }),
    ).toBeNull();
  });
});
