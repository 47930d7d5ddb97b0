import { isBelow, type Tier } from '../tier.ts';
import type { Misplacement } from './vault-plan.ts';
import { isTooLongAtT4 } from './vault-token-life.ts';

/** How an agent in Vault can differ from its ledger. */
export type VaultDifference =
  | 'MISPLACED'
  | 'ABOVE'
  | 'OTHER_POLICIES'
  | 'NOT_DISABLED'
  | 'LONG_TOKENS'
  | 'BELOW'
  | 'DISABLED'
  | 'NOT_IN_VAULT'
  | 'NOT_IN_LEDGER';

/** What the ledger says of an agent. */
export interface LedgerStanding {
  readonly tier: Tier;
  readonly suspended: boolean;
}

/** What Vault says of it; a tier of null: its policies are not exactly one tier's. */
export interface VaultStanding {
  readonly tier: Tier | null;
  readonly disabled: boolean;
  readonly misplaced?: Misplacement | null;
  /** How long its tokens live at most, in seconds; null if nothing logs in as it, or nobody looked. */
  readonly tokenSeconds: number | null;
}

/** The difference that matters most: what gives an agent more than it may have comes first. Null: there is none. */
export function vaultDifference(
  ledger: LedgerStanding | null,
  vault: VaultStanding | null,
): VaultDifference | null {
  if (ledger === null) return vault === null ? null : 'NOT_IN_LEDGER';
  if (vault === null) return 'NOT_IN_VAULT';
  if (vault.misplaced != null) return 'MISPLACED';
  if (vault.tier === null) return 'OTHER_POLICIES';
  if (isBelow(ledger.tier, vault.tier)) return 'ABOVE';
  if (ledger.suspended && !vault.disabled) return 'NOT_DISABLED';
  if (ledger.tier === 'T4' && vault.tokenSeconds !== null && isTooLongAtT4(vault.tokenSeconds))
    return 'LONG_TOKENS';
  if (isBelow(vault.tier, ledger.tier)) return 'BELOW';
  return vault.disabled && !ledger.suspended ? 'DISABLED' : null;
}
