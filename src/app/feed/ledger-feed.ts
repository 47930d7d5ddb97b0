import type { Cursor } from '../../governance/ledger/cursor.ts';
import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { LedgerTail } from './ledger-tail.ts';
import type { StoredEntry } from '../ports/ledger.ts';

/** What a subscription asks of the ledger. */
export interface LedgerFeedOptions<Context> {
  readonly tail: LedgerTail;
  /** Everything after it is given. */
  readonly from: Cursor;
  /** The only type that can match. */
  readonly type?: LedgerEntryType;
  /** Whether an entry is asked for, and may be seen, by whoever the context is made for. */
  readonly matches: (entry: StoredEntry, context: Context) => Promise<boolean> | boolean;
  /** A context that remembers nothing read before. */
  readonly renewed: () => Context;
}

/**
 * The entries that one subscription asks for: everything after a position, in order, without a gap or a repetition, then
 * each new one as it is committed. As an iterable it follows the ledger for itself until it is returned; many subscribers
 * that ask the same are better served by reading the tail once, with `matches`.
 */
export class LedgerFeed<Context> implements AsyncIterable<StoredEntry> {
  readonly tail: LedgerTail;
  readonly from: Cursor;
  readonly type: LedgerEntryType | undefined;
  readonly matches: LedgerFeedOptions<Context>['matches'];
  readonly #renewed: () => Context;

  constructor({ tail, from, type, matches, renewed }: LedgerFeedOptions<Context>) {
    this.tail = tail;
    this.from = from;
    this.type = type;
    this.matches = matches;
    this.#renewed = renewed;
  }

  /** `return` ends it at once, even while it waits for an entry that may never come. */
  [Symbol.asyncIterator](): AsyncIterableIterator<StoredEntry> {
    const stop = new AbortController();
    const entries = this.#entries(stop.signal);
    const end = async (): Promise<IteratorResult<StoredEntry>> => {
      stop.abort();
      await entries.return();
      return { done: true, value: undefined };
    };
    const iterator: AsyncIterableIterator<StoredEntry> = {
      next: () => entries.next(),
      return: end,
      throw: end,
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  async *#entries(signal: AbortSignal): AsyncGenerator<StoredEntry, void> {
    const bell = bellUntil(signal);
    const leave = await this.tail.follow({ grown: bell.ring, failed: bell.fail });
    try {
      for (let { seq } = this.from; !signal.aborted;) {
        bell.reset();
        const { entries, upTo } = await this.tail.after(seq, this.type);
        for (const entry of entries) if (await this.matches(entry, this.#renewed())) yield entry;
        seq = upTo;
        if (seq >= this.tail.position) await bell.rung();
      }
    } finally {
      leave();
      bell.stop();
    }
  }
}

/** A bell with at most one ring pending; the signal rings it too, and a failure of reading is thrown to whoever waits. */
function bellUntil(signal: AbortSignal) {
  let pending: (() => void) | null = null;
  let wake: ((ring: () => void) => void) | null = null;
  const settle = (ring: () => void) => {
    pending = ring;
    wake?.(ring);
  };
  const ring = () => {
    settle(() => undefined);
  };
  signal.addEventListener('abort', ring);
  return {
    ring,
    fail: (fault: unknown) => {
      settle(() => {
        throw fault;
      });
    },
    reset: () => {
      pending = null;
    },
    rung: async () => {
      const rings = pending ?? (await new Promise<() => void>((resolve) => (wake = resolve)));
      rings();
    },
    stop: () => {
      signal.removeEventListener('abort', ring);
    },
  };
}
