import { LocalDoorbell } from '../../../src/adapters/doorbell/local-doorbell.ts';
import { SystemAlarm } from '../../../src/adapters/system/alarm.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { turn } from '../../../src/adapters/system/turn.ts';
import { LedgerFeed } from '../../../src/app/feed/ledger-feed.ts';
import { LedgerTail } from '../../../src/app/feed/ledger-tail.ts';
import type { StoredEntry } from '../../../src/app/ports/ledger.ts';
import { readCursor } from '../../../src/governance/ledger/cursor.ts';

/** An entry of a ledger whose entries are plain values; each value is for one subscription field. */
export interface ToyEntry {
  readonly field: string;
  readonly value: string | number;
}

/** A ledger in memory that can be told to fail, and how often it was read. */
export class ToyLedger {
  readonly #entries: StoredEntry[] = [];
  readonly #doorbell = new LocalDoorbell();
  readonly tail: LedgerTail;
  /** How many readings are to fail. */
  failures = 0;
  reads = 0;

  constructor() {
    const clock = systemClock;
    const reader = {
      head: () => Promise.resolve(this.#head()),
      entriesAfter: (seq: number, limit: number) => this.#after(seq, limit),
    };
    const alarm = new SystemAlarm(clock);
    this.tail = new LedgerTail({ reader, doorbell: this.#doorbell, clock, alarm, turn });
  }

  append(field: string, ...values: readonly ToyEntry['value'][]): void {
    for (const value of values) {
      const seq = this.#entries.length + 1;
      const entry = { seq, hash: hashAt(seq), payload: { field, value } };
      this.#entries.push(entry as unknown as StoredEntry);
    }
    this.#doorbell.ring();
  }

  /** Everything of one field after a cursor; all of it without one. */
  feed<Context>(field: string, after: string | null | undefined, context: Context): LedgerFeed<Context> {
    const from = (after == null ? null : readCursor(after)) ?? { seq: 0, hash: hashAt(0) };
    return new LedgerFeed<Context>({
      tail: this.tail,
      from,
      matches: (entry) => toyEntry(entry).field === field,
      renewed: () => context,
    });
  }

  #head() {
    const seq = this.#entries.length;
    return { seq, hash: hashAt(seq), recordedAt: 0, policyDigest: null };
  }

  #after(seq: number, limit: number): Promise<readonly StoredEntry[]> {
    this.reads += 1;
    if (this.failures === 0) return Promise.resolve(this.#entries.slice(seq, seq + limit));
    this.failures -= 1;
    return Promise.reject(new Error('secret detail'));
  }
}

/** What an entry says. */
export function toyEntry(entry: StoredEntry): ToyEntry {
  return entry.payload as unknown as ToyEntry;
}

function hashAt(seq: number): string {
  return seq.toString(16).padStart(8, '0');
}
