import type { Head } from '../../governance/ledger/chain.ts';
import type { EntryPayloads, LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { ClockAnchor } from '../../governance/clock-witness.ts';
import type { Policy } from '../../governance/policy.ts';

/** An entry as it is stored; `payload` is its parsed text. */
export type StoredEntry = { readonly [T in LedgerEntryType]: StoredEntryOf<T> }[LedgerEntryType];

/** An entry of one type, as it is stored. */
export interface StoredEntryOf<T extends LedgerEntryType> {
  readonly seq: number;
  readonly type: T;
  readonly at: number;
  readonly recordedAt: number;
  readonly agentId: string | null;
  readonly actorKey: string;
  readonly hash: string;
  readonly payload: EntryPayloads[T];
}

/** The head of the ledger, and the digest of the policy in force; null before the first adoption. */
export interface LedgerHead extends Head {
  readonly policyDigest: string | null;
}

/** Reads the ledger itself. */
export interface LedgerReader {
  head(): Promise<LedgerHead>;
  /** The head and the smallest stored `changesAt` at one moment: every operation begins with them. */
  standing(): Promise<LedgerHead & { readonly nextChange: number | null }>;
  /** The last believed reading of both clocks, or null if none was kept. */
  clockAnchor(): Promise<ClockAnchor | null>;
  policy(digest: string): Promise<Policy | null>;
  /** Entries after a position, oldest first; of one type if so asked. */
  entriesAfter(seq: number, limit: number, type?: LedgerEntryType): Promise<readonly StoredEntry[]>;
  /** The first 8 hex digits of an entry's hash, or null if there is none: 64 zeros stand before the first. */
  hashAt(seq: number): Promise<string | null>;
}
