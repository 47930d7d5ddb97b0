// followers/ holds what tells the outside world of entries: the mechanism that all followers share, and its seams.
// What a follower does with a delivery is in a folder of its own, such as app/vault/.
import type { LedgerEntryType } from '../../governance/ledger/entries.ts';

/** Something that a follower has to deliver, as its row holds it. */
export interface Delivery {
  readonly follower: string;
  /** The agent of a state follower; the `seq` of an entry follower. */
  readonly key: string;
  readonly agentId: string | null;
  /** The newest entry that asks for it. */
  readonly entrySeq: number;
  /** When what is asked for was decided. */
  readonly decidedAt: number;
  /** What lowers is delivered first. */
  readonly urgent: boolean;
  /** How far it got, in the words of its follower; null: not begun. */
  readonly progress: string | null;
  readonly dueAt: number;
  /** How often it has failed. */
  readonly attempts: number;
  readonly error: string | null;
  /** Given up: it is listed, and delivered again only if asked for. */
  readonly dead: boolean;
}

/** An entry that asks for a delivery. */
export type Asking = Pick<Delivery, 'key' | 'agentId' | 'entrySeq' | 'decidedAt' | 'urgent'>;

/** An entry as a follower looks for it. */
export interface FollowedEntry {
  readonly seq: number;
  readonly type: LedgerEntryType;
  readonly recordedAt: number;
  readonly agentId: string | null;
}

/** How a breaker stands: open, nothing is tried; half open, one thing is. */
export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** A follower as its row holds it. */
export interface FollowerRecord {
  readonly name: string;
  readonly position: number;
  readonly holder: string | null;
  readonly heldUntil: number;
  readonly breaker: BreakerState;
  readonly lastError: string | null;
  /** What it has outside and the ledger has not. */
  readonly unknown: readonly string[];
}

/** How a follower stands, for whoever watches over it. */
export interface FollowerStanding extends FollowerRecord {
  /** Entries that it has not looked at yet. */
  readonly lag: number;
  readonly pending: number;
  /** When the oldest pending delivery was decided, and the oldest that lowers; null if there is none. */
  readonly oldest: number | null;
  readonly oldestUrgent: number | null;
  readonly dead: number;
}

/** A lease on a follower, and how far its holder has brought the cursor. */
export interface Advance {
  readonly name: string;
  readonly holder: string;
  readonly now: number;
  readonly heldUntil: number;
  /** A lease that ends later than this is void: the clock was put back. */
  readonly voidAfter: number;
  readonly position: number;
  readonly asking: readonly Asking[];
}

/** The deliveries of followers, inside a transaction that may append entries too. */
export interface Deliveries {
  /** Whether somebody still has the lease on a follower. */
  holds(follower: string, holder: string, now: number): Promise<boolean>;
  find(follower: string, keys: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  /** Which agents have entries of some types that the follower's cursor has not reached: deliveries don't know of them yet. */
  unread(
    follower: string,
    types: readonly LedgerEntryType[],
    agentIds: readonly string[],
  ): Promise<ReadonlySet<string>>;
  ask(follower: string, asking: readonly Asking[], dueAt: number): Promise<void>;
  /** Changes a delivery, unless a newer entry has asked for it meanwhile. */
  keep(delivery: Delivery): Promise<void>;
  /** It is delivered, unless a newer entry has asked for it meanwhile. */
  drop(delivery: Delivery): Promise<void>;
}

/** Where followers keep how far they are. Nothing here takes the lock on the ledger's head. */
export interface FollowerStore {
  /** Takes or prolongs the lease, moves the cursor forward and upserts what is pending, in one transaction; null if another has it. */
  advance(advance: Advance): Promise<FollowerRecord | null>;
  /** Ends a lease at once. */
  release(name: string, holder: string): Promise<void>;
  follower(name: string): Promise<FollowerRecord | null>;
  /** Entries of some types after one position and up to another, oldest first. */
  entries(
    types: readonly LedgerEntryType[],
    range: { readonly after: number; readonly upTo: number; readonly limit: number },
  ): Promise<readonly FollowedEntry[]>;
  /** What is due, first what lowers, then what has failed least often, then the oldest; of entry followers, an agent's oldest alone. */
  due(name: string, now: number, limit: number): Promise<readonly Delivery[]>;
  /** When the next delivery after an instant is due, or null. */
  nextDue(name: string, after: number): Promise<number | null>;
  /** Changes a delivery, unless a newer entry has asked for it meanwhile. */
  keep(delivery: Delivery): Promise<void>;
  report(
    name: string,
    report: Partial<Pick<FollowerRecord, 'breaker' | 'lastError' | 'unknown'>>,
  ): Promise<void>;
  standings(): Promise<readonly FollowerStanding[]>;
  deadLetters(name: string, limit: number): Promise<readonly Delivery[]>;
  /** Makes dead letters due again; all of a follower, or one. How many there were. */
  revive(name: string, key: string | null, now: number): Promise<number>;
}

/** The way to something outside: what is called is timed out, and while it is down nothing is. */
export interface Outlet {
  readonly state: BreakerState;
  /** When the next call may be tried. */
  readonly retryAt: number;
  /** Milliseconds to wait after so many failures: longer each time, never the same, and while nothing is tried no longer than that. */
  delay(attempts: number): number;
  /**
   * Calls for somebody, by a key: what fails for them again and again while others are served is no outage.
   * @throws OutletClosedError without calling, TimedOutError, and what the call throws
   */
  call<T>(key: string, work: () => Promise<T>): Promise<T>;
  onChange(listener: (state: BreakerState) => void): void;
}

/** Told of what a person should know; the server logs it. */
export interface FollowerWatch {
  /** The database is in the way; it is tried again within a second. */
  fault(follower: string, fault: unknown): void;
  /** Something that lowers is pending and could not be delivered. */
  late(delivery: Delivery, why: string): void;
  /** What a comparison found outside that the ledger has not. */
  unknown(follower: string, names: readonly string[]): void;
  /** What was written outside for another ledger than this: an older database was restored, or two follow into the same place. */
  others(follower: string, names: readonly string[]): void;
}
