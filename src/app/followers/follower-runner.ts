import type { App } from '../app.ts';
import type { Alarm } from '../ports/world.ts';
import { Rounds } from '../rounds.ts';
import { Comparison, leaseOf } from './comparison.ts';
import { RunningDeliveries } from './running-deliveries.ts';
import type { Compared, Follower } from './follower.ts';
import { OutletClosedError } from '../ports/outlet-errors.ts';
import type {
  Asking,
  FollowedEntry,
  FollowerRecord,
  FollowerStore,
  FollowerWatch,
  Outlet,
} from '../ports/deliveries.ts';

/** How long a lease holds unless it is prolonged, and when that is done, in milliseconds. */
const LEASE = 4_000;
const RENEW_AFTER = 1_500;
/** A lease that ends so soon is not relied on: what is sent must be sent within it. */
const MARGIN = 500;
/** No lease can seem longer, unless the clock was put back: then it is void. */
const LONGEST_LEASE = 2 * LEASE;
const PAGE = 500;
/** How long a server that starts waits at most for a comparison that has found nothing, in milliseconds. */
const PATIENCE = 15_000;
const RETRY = 1_000;

/** What a runner needs of the world. */
export interface RunnerOptions {
  readonly app: Pick<App, 'store' | 'clock' | 'doorbell'>;
  readonly store: FollowerStore;
  readonly outlet: Outlet;
  readonly alarm: Alarm;
  readonly watch: FollowerWatch;
  /** Who takes the lease: no two instances have the same. */
  readonly holder: string;
  /** Lets everything else have a turn: the answer to a command leaves before what the command asks of a follower begins. */
  readonly turn: () => Promise<void>;
}

/**
 * Runs a follower: takes the lease, moves the cursor while it upserts what is pending, and delivers what is due. It is woken
 * by the doorbell and by the next instant at which something is due. Any number of instances may run one: one holds the lease.
 */
export class FollowerRunner {
  readonly #looking = new Rounds(() => this.#round());
  readonly #deliveries: RunningDeliveries;
  readonly #comparison: Comparison | null;
  /** How far it has read; null without the lease. */
  #position: number | null = null;
  #heldUntil = 0;
  #renewAt = 0;
  /** Whether what is due may be something else than what was found at an instant; if not, what was found goes on. */
  #isNews = true;
  #lookedAt = 0;
  /** Whether the last to try while the breaker was not closed was a comparison. */
  #isDeliveriesTurn = false;
  /** What was written for another ledger, as it was last told. */
  #others = '';
  #startedAt = 0;
  /** Whether another instance had the lease when this one looked. */
  #isOthersTurn = false;
  #stopped = false;
  #unlisten: () => void = () => undefined;

  constructor(
    private readonly follower: Follower,
    private readonly options: RunnerOptions,
  ) {
    const { app, store, outlet, watch, holder } = options;
    const { clock } = app;
    const ended = () => {
      if (!this.#stopped) this.#looking.ask();
    };
    const holds = () => this.#holds();
    this.#deliveries = new RunningDeliveries({ follower, store, outlet, clock, watch, holder, holds, ended });
    const { compare } = follower;
    this.#comparison =
      compare === undefined
        ? null
        : new Comparison({
            clock,
            outlet,
            ended,
            compare: () => compare(leaseOf(holder, holds)),
            found: (compared) => this.#found(compared),
            failed: (error) => {
              void this.#compareFailed(error);
            },
          });
  }

  /**
   * Whether the first comparison is still to be waited for: not if another instance compares, and no longer than `PATIENCE`
   * unless it has found what was written for another ledger.
   */
  get isComparing(): boolean {
    if (this.#comparison === null || this.#comparison.hasEnded || this.#isOthersTurn) return false;
    const waited = this.options.app.clock.now() - this.#startedAt;
    return waited < PATIENCE || this.follower.foundOthers?.() === true;
  }

  /** Begins to look, and to be woken. */
  start(): void {
    this.#startedAt = this.options.app.clock.now();
    this.#unlisten = this.options.app.doorbell.listen(() => {
      this.#ask();
    });
    this.options.outlet.onChange((breaker) => {
      void this.#report({ breaker });
      this.#comparison?.noLaterThan(breaker === 'CLOSED' ? 0 : this.options.outlet.retryAt);
      this.#ask();
    });
    this.#ask();
  }

  /** Stops, waits for what was begun, and gives the lease away. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.options.alarm.clear();
    await this.#looking.done;
    await Promise.all([this.#deliveries.stop(), this.#comparison?.stop()]);
    if (this.#position !== null)
      await this.options.store.release(this.follower.name, this.options.holder).catch(() => undefined);
  }

  /** Looks at the ledger, and at what is due. */
  #ask(): void {
    this.#isNews = true;
    if (!this.#stopped) this.#looking.ask();
  }

  #holds(): boolean {
    const { clock } = this.options.app;
    const now = clock.now();
    return (
      !this.#stopped && this.#position !== null && now < this.#heldUntil - MARGIN && !this.#isPutBack(now)
    );
  }

  /** Whether the clock went back since the lease was taken, which then seems to last longer than a lease does. */
  #isPutBack(now: number): boolean {
    return this.#heldUntil > now + LEASE;
  }

  async #round(): Promise<void> {
    const { alarm, app, watch, turn } = this.options;
    await turn();
    if (this.#stopped) return;
    let next = app.clock.now() + RETRY;
    try {
      next = await this.#look();
    } catch (fault) {
      watch.fault(this.follower.name, fault);
    }
    if (this.#isStopped()) return;
    alarm.set(next, () => {
      this.#ask();
    });
  }

  /** While the breaker lets one thing try at a time, comparisons and deliveries take turns: neither waits for the other for ever. */
  #mayDeliver(): boolean {
    return this.#isDeliveriesTurn && this.#deliveries.isWaiting;
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  /** Does what there is to do now; when to look again. */
  async #look(): Promise<number> {
    const { store, outlet, app } = this.options;
    const { name } = this.follower;
    if (this.#isNews || this.#deliveries.isExhausted || !this.#holds() || app.clock.now() >= this.#renewAt) {
      this.#isNews = false;
      const other = await this.#advance();
      if (other !== null) return other;
      this.#lookedAt = app.clock.now();
      this.#deliveries.take(await store.due(name, this.#lookedAt, this.#deliveries.most));
    }
    const now = app.clock.now();
    // Deliveries that fail must not keep the comparison from its turn for ever: it finds what is above the ledger.
    if (this.#comparison?.isDue === true && now >= outlet.retryAt && !this.#mayDeliver()) {
      this.#isDeliveriesTurn = outlet.state !== 'CLOSED';
      this.#comparison.begin();
    }
    if (this.#deliveries.begin()) this.#isDeliveriesTurn = false;
    const isClosed = outlet.state === 'CLOSED';
    if (isClosed || this.#deliveries.isIdle) this.#comparison?.begin();
    const nextDue = await store.nextDue(name, this.#lookedAt);
    if (nextDue !== null && nextDue <= now) this.#ask();
    const instants = [
      // It may have come since the lease was looked at.
      Math.max(this.#renewAt, now + 1),
      this.#deliveries.watch(),
      this.#comparison?.at ?? null,
      nextDue,
      isClosed ? null : outlet.retryAt,
    ];
    const later = instants.filter((instant) => instant !== null && instant > now);
    return Math.min(...(later as number[]));
  }

  /** Moves the cursor; when to look again if another instance has the lease, else null. */
  async #advance(): Promise<number | null> {
    const { store, app } = this.options;
    const { types } = this.follower;
    const now = app.clock.now();
    if (this.#position === null) return this.#takeOver(now);
    const upTo = (await app.store.reader.head()).seq;
    const entries = await store.entries(types, { after: this.#position, upTo, limit: PAGE });
    const position = entries.length === PAGE ? (entries.at(-1)?.seq ?? upTo) : upTo;
    if (entries.length === PAGE) this.#ask();
    if (entries.length > 0 || now >= this.#renewAt || this.#isPutBack(now)) {
      const asking = entries.map((entry: FollowedEntry) => this.follower.asks(entry));
      if ((await this.#renew(now, position, asking)) === null) return now + LEASE;
    }
    this.#position = position;
    return null;
  }

  async #takeOver(now: number): Promise<number | null> {
    const { store, holder } = this.options;
    const { name } = this.follower;
    const known = await store.follower(name);
    const isOthers = known !== null && known.holder !== holder && known.heldUntil > now;
    this.#isOthersTurn = isOthers && known.heldUntil <= now + LONGEST_LEASE;
    if (isOthers && this.#isOthersTurn) return known.heldUntil + 1;
    const record = await this.#renew(now, 0, []);
    if (record === null) return now + LEASE;
    this.#position = record.position;
    await this.#report({ breaker: this.options.outlet.state });
    this.#ask();
    return null;
  }

  /** Takes or prolongs the lease, and brings the cursor on; null, and nothing is read any more, if another instance has it. */
  async #renew(now: number, position: number, asking: readonly Asking[]): Promise<FollowerRecord | null> {
    const { store, holder } = this.options;
    const lease = { holder, now, heldUntil: now + LEASE, voidAfter: now + LONGEST_LEASE };
    const record = await store.advance({ name: this.follower.name, ...lease, position, asking });
    if (record === null) {
      this.#position = null;
      return null;
    }
    this.#heldUntil = lease.heldUntil;
    this.#renewAt = now + RENEW_AFTER;
    return record;
  }

  async #found({ unknown, others }: Compared): Promise<void> {
    const { store, watch } = this.options;
    const { name } = this.follower;
    if (others.length > 0 && others.join() !== this.#others) watch.others(name, others);
    this.#others = others.join();
    const before = await store.follower(name);
    if (before !== null && before.lastError !== null) await store.report(name, { lastError: null });
    if (JSON.stringify(before?.unknown) === JSON.stringify(unknown)) return;
    await store.report(name, { unknown });
    if (unknown.length > 0) watch.unknown(name, unknown);
  }

  async #compareFailed(error: unknown): Promise<void> {
    if (error instanceof OutletClosedError || this.#stopped) return;
    await this.#report({ lastError: error instanceof Error ? error.message : String(error) });
  }

  async #report(report: Parameters<FollowerStore['report']>[1]): Promise<void> {
    try {
      await this.options.store.report(this.follower.name, report);
    } catch (fault) {
      this.options.watch.fault(this.follower.name, fault);
    }
  }
}
