import { expect, test } from 'vitest';
import { MOST_A_ROUND, VaultSweep } from '../../../src/app/vault/vault-sweep.ts';
import type { Tier } from '../../../src/governance/tier.ts';

function fleet(count: number, tierOf: (index: number) => Tier): ReadonlyMap<string, Tier> {
  const names = Array.from({ length: count }, (_, index) => `agent-${String(index).padStart(6, '0')}`);
  return new Map(names.map((name, index) => [name, tierOf(index)] as const));
}

test('a fleet that fits into a round is compared whole in every round, highest tiers first', () => {
  const tiers = fleet(MOST_A_ROUND, (index) => (['T0', 'T4', 'T2', 'T3', 'T1'] as const)[index % 5] ?? 'T0');
  const sweep = new VaultSweep();
  for (let round = 0; round < 2; round += 1) {
    const order = sweep.next(tiers);
    expect(new Set(order).size).toBe(MOST_A_ROUND);
    const found = order.map((agentId) => tiers.get(agentId) ?? '');
    expect(found).toEqual(found.toSorted().toReversed());
  }
});

test('a larger fleet is compared in turn, so that everybody is compared and no round takes more than its share', () => {
  const tiers = fleet(5_000, (index) => (index % 50 === 0 ? 'T4' : 'T0'));
  const sweep = new VaultSweep();
  const seen = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const order = sweep.next(tiers);
    expect(order).toHaveLength(MOST_A_ROUND);
    // All that may do most are compared each time.
    expect(order.filter((agentId) => tiers.get(agentId) === 'T4')).toHaveLength(100);
    for (const agentId of order) seen.add(agentId);
  }
  expect(seen.size).toBe(5_000);
});
