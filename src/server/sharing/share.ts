import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { LedgerFeed } from '../../app/feed/ledger-feed.ts';
import type { LedgerPage } from '../../app/feed/ledger-tail.ts';
import type { StoredEntry } from '../../app/ports/ledger.ts';
import type { Clock } from '../../app/ports/world.ts';
import { Rounds } from '../../app/rounds.ts';
import type { EventAnswer } from './sink.ts';

/** At most so many entries are answered at once: they share a context, and with it what it reads. */
const CHUNK = 25;
/** They cost so much together at most, in units, unless one alone costs more: nobody else has a turn meanwhile. */
const CHUNK_COST = 20_000;
/** An answer says how things are now: for so long it also serves whoever comes a little later. */
const FRESH_MS = 1_000;
const KEPT = 2 * CHUNK;
const RETRY_MS = 1_000;

/** The answers to some entries, in their order; null for one that was not asked for. */
export type Answers = readonly (EventAnswer | null)[];

/** Who is sent what a share answers. */
export interface Shared {
  /** Takes the next answer; it may come a second time. */
  push(answer: EventAnswer): void;
}

/** What a share gives its subscribers, and what of. */
export interface ShareOptions {
  readonly feed: Pick<LedgerFeed<unknown>, 'tail' | 'type'>;
  /** What an event costs at most, in units. */
  readonly cost: number;
  /** Executes and serialises. It throws if the same may succeed a little later. */
  readonly answer: (entries: readonly StoredEntry[], signal: AbortSignal) => Promise<Answers>;
  readonly clock: Clock;
  /** Told of what kept it from answering; it tries again within a second. */
  readonly onFault: (fault: unknown) => void;
}

interface Kept {
  readonly at: number;
  readonly answer: Promise<EventAnswer | null>;
}

/**
 * Everybody who asked the same and may see the same: each event is executed and serialised once for all of them. Who has
 * everything is sent the next event as it comes; who is behind reads on for itself, at its own pace, until it has everything.
 */
export class Share {
  readonly #options: ShareOptions;
  readonly #live = new Set<Shared>();
  readonly #behind = new Set<Shared>();
  readonly #kept = new Map<number, Kept>();
  readonly #closed = new AbortController();
  #position = 0;
  readonly #pushing = new Rounds(() => this.#pushOn());
  #unfollow: () => void = () => undefined;

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  /** Begins to follow the ledger. */
  async open(): Promise<void> {
    const { feed, onFault } = this.#options;
    this.#unfollow = await feed.tail.follow({ grown: () => this.#pushing.ask(), failed: onFault });
    if (this.#closed.signal.aborted) this.#unfollow();
  }

  close(): void {
    this.#closed.abort();
    this.#unfollow();
  }

  /** Takes one that reads on for itself. */
  lag(subscriber: Shared): void {
    this.#live.delete(subscriber);
    this.#behind.add(subscriber);
  }

  leave(subscriber: Shared): void {
    this.#live.delete(subscriber);
    this.#behind.delete(subscriber);
    if (this.#behind.size === 0) this.#kept.clear();
  }

  /**
   * Takes one that has everything up to a position, unless there is more by now; from then on it is sent what comes. One
   * may be ahead of the tail, because its cursor was read elsewhere: who has the least says where to go on.
   */
  joins(subscriber: Shared, position: number): boolean {
    if (position < this.#options.feed.tail.position) return false;
    this.leave(subscriber);
    this.#position = this.#live.size === 0 ? position : Math.min(this.#position, position);
    this.#live.add(subscriber);
    return true;
  }

  /** The next entries after a position; null once it has closed. */
  after(position: number): Promise<LedgerPage | null> {
    const { tail, type } = this.#options.feed;
    return this.#persist(() => tail.after(position, type));
  }

  /** The answers to entries, a few at a time. */
  async *answers(entries: readonly StoredEntry[]): AsyncGenerator<EventAnswer, void> {
    const chunk = Math.max(1, Math.min(CHUNK, Math.floor(CHUNK_COST / this.#options.cost)));
    for (let at = 0; at < entries.length; at += chunk) {
      // An embedded database answers at once: without this, nobody else had a turn until the last entry.
      if (at > 0) await turn();
      const answers = await this.#persist(() => this.#answersTo(entries.slice(at, at + chunk)));
      for (const answer of answers ?? []) if (answer !== null) yield answer;
    }
  }

  /** Done once everything has been offered that was committed before. */
  async offered(): Promise<void> {
    await this.#options.feed.tail.catchUp();
    await this.#pushing.done;
  }

  async #pushOn(): Promise<void> {
    if (this.#live.size === 0 || this.#position >= this.#options.feed.tail.position) return;
    const page = await this.after(this.#position);
    if (page === null) return;
    for await (const answer of this.answers(page.entries))
      for (const subscriber of this.#live) subscriber.push(answer);
    this.#position = Math.max(this.#position, page.upTo);
    this.#pushing.ask();
  }

  /** Only where somebody else may ask for them soon are answers kept. */
  async #answersTo(entries: readonly StoredEntry[]): Promise<Answers> {
    const { answer, clock } = this.#options;
    if (this.#behind.size === 0 || this.#behind.size + this.#live.size === 1)
      return answer(entries, this.#closed.signal);
    const now = clock.now();
    for (const [seq, { at }] of this.#kept) if (Math.abs(now - at) > FRESH_MS) this.#kept.delete(seq);
    const missing = entries.filter(({ seq }) => !this.#kept.has(seq));
    if (missing.length > 0) this.#keep(missing, now);
    const found = entries.map(({ seq }) => this.#kept.get(seq)?.answer ?? Promise.resolve(null));
    for (const seq of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(seq);
    }
    return Promise.all(found);
  }

  #keep(entries: readonly StoredEntry[], at: number): void {
    const answering = this.#options.answer(entries, this.#closed.signal);
    entries.forEach(({ seq }, index) => {
      const answer = answering.then((answers) => answers[index] ?? null);
      answer.catch(() => this.#kept.delete(seq));
      this.#kept.set(seq, { at, answer });
    });
  }

  /** Tries until it succeeds: a database that is busy loses nobody an event. Null once the share has closed. */
  async #persist<T>(work: () => Promise<T>): Promise<T | null> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        return await work();
      } catch (fault) {
        this.#options.onFault(fault);
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  }
}
