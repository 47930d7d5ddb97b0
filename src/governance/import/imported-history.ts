import { nextTier, type Tier } from '../tier.ts';

/** A promotion of an original ledger. */
export interface ImportedPromotion {
  readonly at: number;
  readonly fromTier: Tier | null;
  readonly toTier: Tier;
}

/**
 * Whether promotions tell how an agent came from T0 to its tier: in time order, one step each, without a gap; none do at T0
 * alone.
 */
export function addsUp(promotions: readonly ImportedPromotion[], tier: Tier): boolean {
  const ordered = [...promotions].sort((a, b) => a.at - b.at);
  if ((ordered[0]?.fromTier ?? tier) !== 'T0') return false;
  return ordered.every(
    ({ fromTier, toTier }, index) =>
      fromTier !== null && nextTier(fromTier) === toTier && toTier === (ordered[index + 1]?.fromTier ?? tier),
  );
}

/** A tier that an agent held, and since when. */
export interface Tenure {
  readonly tier: Tier;
  readonly tierSince: number;
}

/**
 * The tier that an imported agent held at an instant before its import; promotions that don't add up tell nothing. Nobody
 * knows when its first tier began: it counts from its end, so that no time at that tier makes the agent look better.
 */
export function importedTenureAt(
  promotions: readonly ImportedPromotion[],
  base: Tenure,
  asOf: number,
): Tenure {
  if (!addsUp(promotions, base.tier)) return base;
  const ordered = [...promotions].sort((a, b) => a.at - b.at);
  const index = ordered.findIndex((promotion) => promotion.at > asOf);
  const next = ordered[index];
  if (next === undefined) return base;
  return { tier: next.fromTier ?? base.tier, tierSince: ordered[index - 1]?.at ?? next.at };
}
