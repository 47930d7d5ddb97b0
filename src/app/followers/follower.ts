import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { Asking, Delivery, FollowedEntry } from '../ports/deliveries.ts';

/** What a delivery may rely on while it runs. */
export interface Lease {
  /** Who holds the lease. */
  readonly holder: string;
  /**
   * To be called right before anything that raises or sends.
   * @throws OvertakenError if something newer, or another instance, goes on from here
   */
  assertHeld(): void;
}

/** What becomes of a delivery that failed. */
export interface Failure {
  /** Why, in a sentence that names no secret. */
  readonly message: string;
  /** Whether trying again is left to people. */
  readonly dead: boolean;
  /** When it is tried again, in milliseconds from now; absent: as soon as any failed delivery. */
  readonly delay?: number;
  /** From where it goes on once people have it tried again; absent: from where it was. */
  readonly progress?: string;
}

/** What a comparison found that it can't put right. */
export interface Compared {
  /** What is outside only. */
  readonly unknown: readonly string[];
  /** What was written outside for another ledger than this, as before a backup was restored. */
  readonly others: readonly string[];
}

/** Something outside that must learn of entries; the mechanism is `FollowerRunner`. */
export interface Follower {
  readonly name: string;
  /** The types of entry that concern it; none that a follower writes. */
  readonly types: readonly LedgerEntryType[];
  /** What an entry asks for: a state follower gives each agent one key, an entry follower each entry. */
  asks(entry: FollowedEntry): Asking;
  /** Delivers, and changes or drops the row itself. At least once: the process may have died after doing so before. */
  deliver(delivery: Delivery, lease: Lease): Promise<void>;
  /** Judges a failure, and tells the ledger if it changes how something stands. */
  failed(delivery: Delivery, error: unknown): Promise<Failure>;
  /** Compares everything outside with the ledger, and asks for what is to be repaired. */
  readonly compare?: (lease: Lease) => Promise<Compared>;
  /** Whether something outside was written for another ledger, as far as has been compared. */
  readonly foundOthers?: () => boolean;
}
