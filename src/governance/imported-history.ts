import { nextTier, type Tier } from './tier.ts';

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

/** An imported agent's tier before its import; promotions that don't add up tell nothing. */
export function importedTierAt(promotions: readonly ImportedPromotion[], tier: Tier, asOf: number): Tier {
  if (!addsUp(promotions, tier)) return tier;
  const next = [...promotions].sort((a, b) => a.at - b.at).find((promotion) => promotion.at > asOf);
  return next?.fromTier ?? tier;
}
