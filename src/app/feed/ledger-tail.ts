import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { App } from '../app.ts';
import type { StoredEntry } from '../ports/ledger.ts';
import type { Alarm } from '../ports/world.ts';
import { Rounds } from '../rounds.ts';

const PAGE = 200;
/** How many of the newest entries are kept for whoever is a little behind. */
const KEPT = 2_000;
const RETRY = 1_000;

/** What stands after a position, oldest first; a page holds at most 200, and none does not mean that nothing follows. */
export interface LedgerPage {
  readonly entries: readonly StoredEntry[];
  /** The position that the page reaches, never beyond what the tail has read: read on after it. */
  readonly upTo: number;
}

/** Who follows the ledger. */
export interface Follower {
  /** More has been read. */
  grown(): void;
  /** Reading failed; it is tried again within a second. */
  failed(fault: unknown): void;
}

/** What the tail needs of the world. */
export interface LedgerTailOptions {
  readonly reader: Pick<App['store']['reader'], 'head' | 'entriesAfter'>;
  readonly doorbell: Pick<App['doorbell'], 'listen'>;
  readonly clock: App['clock'];
  readonly alarm: Alarm;
  /** Lets everything else have a turn: an embedded database answers at once, and would else be read without a pause. */
  readonly turn: () => Promise<void>;
}

/**
 * The one reader of the ledger in a process: each entry is read once for everybody who follows, and only what lies
 * further back is read for one alone. It reads while anybody follows. The doorbell, listened to before the first read,
 * only wakes it: a ring that is lost costs time, never an entry.
 */
export class LedgerTail {
  readonly #options: LedgerTailOptions;
  readonly #followers = new Set<Follower>();
  #entries: StoredEntry[] = [];
  #position = 0;
  #opening: Promise<void> | null = null;
  #unlisten: () => void = () => undefined;
  readonly #reading = new Rounds(() => this.#read());

  constructor(options: LedgerTailOptions) {
    this.#options = options;
  }

  /** How far it has read. */
  get position(): number {
    return this.#position;
  }

  /** Follows until the returned function is called. */
  async follow(follower: Follower): Promise<() => void> {
    this.#followers.add(follower);
    try {
      await (this.#opening ??= this.#open());
    } catch (fault) {
      this.#leave(follower);
      throw fault;
    }
    return () => {
      this.#leave(follower);
    };
  }

  /** The next entries after a position, of one type if so asked. */
  async after(seq: number, type?: LedgerEntryType): Promise<LedgerPage> {
    const reached = this.#position;
    if (seq >= reached) return { entries: [], upTo: seq };
    const first = this.#entries[0]?.seq ?? reached + 1;
    if (seq + 1 >= first) {
      const page = this.#entries.slice(seq + 1 - first, seq + 1 - first + PAGE);
      const entries = type === undefined ? page : page.filter((entry) => entry.type === type);
      return { entries, upTo: page.at(-1)?.seq ?? seq };
    }
    await this.#options.turn();
    const found = await this.#options.reader.entriesAfter(seq, PAGE, type);
    const entries = found.filter((entry) => entry.seq <= reached);
    const last = entries.length === PAGE ? entries.at(-1) : undefined;
    return { entries, upTo: last?.seq ?? reached };
  }

  /** Done once everything has been read that was committed before. */
  async catchUp(): Promise<void> {
    this.#reading.ask();
    await this.#reading.done;
  }

  async #open(): Promise<void> {
    this.#unlisten = this.#options.doorbell.listen(() => {
      this.#reading.ask();
    });
    const { seq } = await this.#options.reader.head();
    this.#entries = [];
    this.#position = seq;
    this.#reading.ask();
  }

  #leave(follower: Follower): void {
    if (!this.#followers.delete(follower) || this.#followers.size > 0) return;
    this.#unlisten();
    this.#options.alarm.clear();
    this.#opening = null;
    this.#entries = [];
  }

  async #read(): Promise<void> {
    if (this.#followers.size === 0) return;
    try {
      await this.#readOn();
    } catch (fault) {
      const { alarm, clock } = this.#options;
      alarm.set(clock.now() + RETRY, () => {
        this.#reading.ask();
      });
      for (const follower of this.#followers) follower.failed(fault);
    }
  }

  async #readOn(): Promise<void> {
    const from = this.#position;
    const entries = await this.#options.reader.entriesAfter(from, PAGE);
    const last = entries.at(-1);
    if (last === undefined || this.#position !== from) return;
    this.#entries.push(...entries);
    if (this.#entries.length > KEPT + PAGE) this.#entries = this.#entries.slice(-KEPT);
    this.#position = last.seq;
    for (const follower of this.#followers) follower.grown();
    if (entries.length < PAGE) return;
    this.#reading.ask();
    await this.#options.turn();
  }
}
