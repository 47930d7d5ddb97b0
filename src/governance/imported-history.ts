import { nextTier, type Tier } from './tier.ts';

/** A promotion of an original ledger. */
export interface ImportedPromotion {
  readonly at: number;
  readonly fromTier: Tier | null;
  readonly toTier: Tier;
}

/** Whether promotions tell how an agent came to its tier: in time order, one step each, without a gap, ending there. */
export function addsUp(promotions: readonly ImportedPromotion[], tier: Tier): boolean {
  const ordered = [...promotions].sort((a, b) => a.at - b.at);
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
