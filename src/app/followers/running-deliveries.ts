import type { Clock } from '../ports/world.ts';
import type { Follower, Lease } from './follower.ts';
import { OutletClosedError, OvertakenError } from '../ports/outlet-errors.ts';
import type { Delivery, FollowerStore, FollowerWatch, Outlet } from '../ports/deliveries.ts';

/** How many deliveries run at once, and how many that lower beside them. */
const AT_ONCE = { urgent: 48, other: 16 };
/** How long something that lowers may take before it is an alarm, in milliseconds. */
const LATE_AFTER = 3_000;

interface RunningDelivery {
  readonly delivery: Delivery;
  readonly began: number;
  overtaken: boolean;
  /** Whether it alone tries for all: it raises nothing while what lowers waits. */
  readonly isProbe: boolean;
}

/** What deliveries need of their runner. */
export interface RunningDeliveriesOptions {
  readonly follower: Follower;
  readonly store: FollowerStore;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly watch: FollowerWatch;
  readonly holder: string;
  /** Whether the lease is held for sure. */
  readonly holds: () => boolean;
  /** A delivery ended: look again. */
  readonly ended: () => void;
}

/** The deliveries that run now: one per key, except that what lowers does not wait for what it overtakes. */
export class RunningDeliveries {
  readonly #running = new Map<string, RunningDelivery>();
  readonly #alarmed = new Map<string, number>();
  readonly #ends = new Set<Promise<void>>();
  /** What is due as far as it is known, and can't begin yet; what it holds of a key is newer than what runs. */
  #waiting: readonly Delivery[] = [];
  #isAllKnown = true;
  #probes = 0;
  #lastError: string | null = null;

  constructor(private readonly options: RunningDeliveriesOptions) {}

  /** How many rows may be due and running already. */
  get most(): number {
    return 2 * (AT_ONCE.urgent + AT_ONCE.other);
  }

  /** Whether nothing runs and nothing waits. */
  get isIdle(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0;
  }

  /** Whether something is due that can't begin yet. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether more may be due than is known. */
  get isExhausted(): boolean {
    return !this.#isAllKnown && this.#waiting.length === 0;
  }

  /** Takes what is due now, the most of it at least, for what waits. */
  take(due: readonly Delivery[]): void {
    this.#isAllKnown = due.length < this.most;
    this.#waiting = due.filter((row) => this.#isNew(row));
  }

  /** Begins what can begin of what waits; while the breaker is not closed, one alone tries. Whether anything began. */
  begin(): boolean {
    if (this.options.outlet.state !== 'CLOSED') return this.#probe();
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((delivery) => {
      if (!this.#mayBegin(delivery)) return true;
      const running = this.#running.get(delivery.key);
      if (running !== undefined) running.overtaken = true;
      this.#begin(delivery);
      return false;
    });
    return this.#waiting.length < before;
  }

  /** Sounds the alarm for what lowers and takes too long; when to look again, or null. */
  watch(): number | null {
    const { clock } = this.options;
    let next: number | null = null;
    for (const { delivery, began } of this.#running.values()) {
      if (!delivery.urgent || this.#alarmed.get(delivery.key) === delivery.entrySeq) continue;
      const late = began + LATE_AFTER;
      if (late <= clock.now()) this.#alarm(delivery, 'it takes too long');
      else next = Math.min(next ?? late, late);
    }
    return next;
  }

  /** Resolved once nothing runs any more; nothing that runs raises from now on. */
  async stop(): Promise<void> {
    for (const running of this.#running.values()) running.overtaken = true;
    await Promise.all(this.#ends);
  }

  /** Whether a row asks for more than what runs of its key: a newer entry, or the same once that has ended but for its last steps. */
  #isNew({ key, entrySeq, dueAt }: Delivery): boolean {
    const running = this.#running.get(key)?.delivery;
    return running === undefined || running.entrySeq < entrySeq || running.dueAt !== dueAt;
  }

  /** The first and the newest of what does not lower try in turn: what fails by itself must keep nobody else from being tried. */
  #probe(): boolean {
    const { outlet, clock } = this.options;
    for (const delivery of this.#waiting) if (delivery.urgent) this.#alarm(delivery, 'the last calls failed');
    const isTrying = outlet.state === 'HALF_OPEN' || this.#running.size > 0;
    if (isTrying || clock.now() < outlet.retryAt) return false;
    const one = (this.#probes % 2 === 1 ? this.#newest() : undefined) ?? this.#waiting[0];
    if (one === undefined) return false;
    this.#probes += 1;
    this.#waiting = this.#waiting.filter((delivery) => delivery !== one);
    this.#begin(one, true);
    return true;
  }

  /** The newest of what does not lower and has failed least often. */
  #newest(): Delivery | undefined {
    const others = this.#waiting.filter(({ urgent }) => !urgent);
    return others.findLast(({ attempts }) => attempts === others[0]?.attempts);
  }

  #mayBegin({ key, urgent }: Delivery): boolean {
    if (!urgent && this.#running.has(key)) return false;
    const alike = [...this.#running.values()].filter(({ delivery }) => delivery.urgent === urgent);
    return alike.length < (urgent ? AT_ONCE.urgent : AT_ONCE.other);
  }

  #begin(delivery: Delivery, isTrial = false): void {
    const own: RunningDelivery = {
      delivery,
      began: this.options.clock.now(),
      overtaken: false,
      isProbe: isTrial,
    };
    this.#running.set(delivery.key, own);
    const end = this.#run(own).finally(() => {
      if (this.#running.get(delivery.key) === own) this.#running.delete(delivery.key);
      this.#ends.delete(end);
      this.options.ended();
    });
    this.#ends.add(end);
  }

  async #run(own: RunningDelivery): Promise<void> {
    const { follower, watch, holder, holds } = this.options;
    const { delivery } = own;
    const lease: Lease = {
      holder,
      assertHeld: () => {
        if (own.overtaken || !holds() || this.#mustYield(own)) throw new OvertakenError();
      },
    };
    try {
      await follower.deliver(delivery, lease);
      this.#alarmed.delete(delivery.key);
      if (this.#lastError !== null) await this.#tell(null);
    } catch (error) {
      if (error instanceof OvertakenError) {
        if (own.isProbe && !own.overtaken) this.#waiting = [...this.#waiting, delivery];
        return;
      }
      await this.#failed(delivery, error).catch((fault: unknown) => {
        watch.fault(follower.name, fault);
      });
    }
  }

  /** What lowers comes first once something outside is back, whoever found that out. */
  #mustYield({ isProbe: isTrial, delivery }: RunningDelivery): boolean {
    return isTrial && !delivery.urgent && this.#waiting.some(({ urgent }) => urgent);
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { follower, store, outlet, clock } = this.options;
    if (error instanceof OutletClosedError) {
      if (delivery.urgent) this.#alarm(delivery, 'the last calls failed');
      return store.keep({ ...delivery, dueAt: outlet.retryAt });
    }
    const attempts = delivery.attempts + 1;
    const failure = await follower.failed({ ...delivery, attempts }, error);
    const { message, dead, progress = delivery.progress, delay = outlet.delay(attempts) } = failure;
    // What people are left with lowers nothing any more.
    const urgent = delivery.urgent && !dead;
    if (urgent) this.#alarm(delivery, message);
    const dueAt = clock.now() + delay;
    await store.keep({ ...delivery, urgent, progress, attempts, dueAt, error: message, dead });
    if (message !== this.#lastError) await this.#tell(message);
  }

  async #tell(message: string | null): Promise<void> {
    this.#lastError = message;
    await this.options.store.report(this.options.follower.name, { lastError: message });
  }

  /** Once for each thing that lowers. */
  #alarm(delivery: Delivery, why: string): void {
    if (this.#alarmed.get(delivery.key) === delivery.entrySeq) return;
    this.#alarmed.set(delivery.key, delivery.entrySeq);
    this.options.watch.late(delivery, why);
  }
}
