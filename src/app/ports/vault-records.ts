import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { Delivery } from './deliveries.ts';
import type { StoredEntryOf } from './ledger.ts';

/** An entry about an agent in Vault. */
export type VaultEntry = Extract<
  {
    readonly [T in LedgerEntryType]: Pick<StoredEntryOf<T>, 'seq' | 'type' | 'at' | 'payload'>;
  }[LedgerEntryType],
  { readonly type: 'VAULT_CONFIRMED' | 'VAULT_FAILED' | 'VAULT_DRIFTED' }
>;

/** What the ledger knows of an agent in Vault. */
export interface VaultRecord {
  readonly last: VaultEntry | null;
  readonly confirmed: Extract<VaultEntry, { readonly type: 'VAULT_CONFIRMED' }> | null;
  readonly pending: Delivery | null;
}

/** Reads what the ledger knows of agents in Vault. */
export interface VaultRecords {
  vaultRecords(agentIds: readonly string[]): Promise<ReadonlyMap<string, VaultRecord>>;
}
