// governance/ holds THE RULES: what a tier is, what a policy may ask, how an evaluation answers, what a decision needs.
// Everything here is pure: no input or output, no clock, no randomness; time and ids are arguments. It imports zod,
// canonicalize and the hash of node:crypto, and nothing of the rest of Tierkeeper.

/** The tiers, lowest first: T0 observes, T4 is fully trusted. */
export const TIERS = ['T0', 'T1', 'T2', 'T3', 'T4'] as const;

/** How much an agent is allowed to do. */
export type Tier = (typeof TIERS)[number];

/** The tier above, or null for T4: promotion is always one step. */
export function nextTier(tier: Tier): Tier | null {
  return TIERS[TIERS.indexOf(tier) + 1] ?? null;
}

/** The tier below; T0 is the lowest and stays. */
export function previousTier(tier: Tier): Tier {
  return TIERS[TIERS.indexOf(tier) - 1] ?? 'T0';
}

/** Whether a tier allows less than another. */
export function isBelow(tier: Tier, other: Tier): boolean {
  return TIERS.indexOf(tier) < TIERS.indexOf(other);
}

/** The tier of a number 0–4, or null for any other. */
export function tierOf(level: number): Tier | null {
  return Number.isInteger(level) && level >= 0 ? (TIERS[level] ?? null) : null;
}
