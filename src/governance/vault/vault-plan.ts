import { isBelow, type Tier } from '../tier.ts';

/** What an agent may do in Vault: the policy of a tier, and nothing at all while it is disabled. */
export interface VaultPrivilege {
  readonly tier: Tier;
  readonly disabled: boolean;
}

/** An agent's entity as it was read: its tier is null if its policies are not exactly those of one tier. */
export interface HeldPrivilege {
  readonly tier: Tier | null;
  readonly policies: readonly string[];
  readonly disabled: boolean;
  readonly misplaced?: Misplacement | null;
}

/** What keeps an agent's entity from being confirmed. */
export interface Misplacement {
  /** A sentence for people: what was found, by name. */
  readonly why: string;
  /** Whether the agent may act with more than its entity's tier policy, so that the entity is kept disabled. */
  readonly givesMore: boolean;
}

/**
 * What to do next. LOWER disables and writes the policy, and is over only once whatever was sent before can't be applied any
 * more; GRANT writes the policy and touches nothing else; ENABLE lifts the disabling. GRANT and ENABLE raise.
 */
export type VaultStep = 'NONE' | 'LOWER' | 'GRANT' | 'ENABLE';

/** What the ledger wants of an agent in Vault. */
export function wantedPrivilege(agent: { readonly tier: Tier; readonly suspended: boolean }): VaultPrivilege {
  return { tier: agent.tier, disabled: agent.suspended };
}

/** Whether two privileges are the same. */
export function isSamePrivilege(
  one: VaultPrivilege,
  other: { readonly tier: Tier | null; readonly disabled: boolean },
): boolean {
  return one.tier === other.tier && one.disabled === other.disabled;
}

/** The step that leads from what an entity has, null if there is none, to what the ledger wants. */
export function vaultStep(wanted: VaultPrivilege, held: HeldPrivilege | null): VaultStep {
  if (held === null) return wanted.disabled ? 'LOWER' : 'GRANT';
  if (isAbove(held, wanted)) return 'LOWER';
  if (held.misplaced?.givesMore === true) return 'NONE';
  if (held.tier !== wanted.tier) return wanted.disabled ? 'LOWER' : 'GRANT';
  return held.disabled === wanted.disabled ? 'NONE' : 'ENABLE';
}

/** Whether an agent may do more once it is what the ledger wants than by its entity as it was read. */
export function raises(wanted: VaultPrivilege, held: HeldPrivilege): boolean {
  if (wanted.disabled) return false;
  return held.disabled || held.tier === null || isBelow(held.tier, wanted.tier);
}

/** Whether an entity has, or would have once enabled, what the ledger does not want; policies that are not ours could be anything. */
export function isAbove(held: HeldPrivilege, wanted: VaultPrivilege): boolean {
  if (wanted.disabled && !held.disabled) return true;
  // Disabled it can do nothing, whatever its policies and groups are; it stays so until people have put it right.
  if (held.misplaced?.givesMore === true) return !held.disabled;
  return held.tier === null ? held.policies.length > 0 : isBelow(wanted.tier, held.tier);
}
