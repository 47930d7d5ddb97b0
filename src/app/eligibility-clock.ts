import type { Alarm, App } from './ports.ts';
import { settleDueAgents } from './settle.ts';

const RETRY = 1_000;

/**
 * Appends what time alone changes, at the instant at which it does: it sleeps until the smallest `changesAt`, and looks
 * again whenever the ledger has grown, because a new entry may have brought that instant nearer. What became due while
 * nothing ran is settled at the start. Any number of processes may run one: whoever comes second finds nothing due.
 */
export class EligibilityClock {
  #looking: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  readonly #unlisten: () => void;

  constructor(
    private readonly app: App,
    private readonly alarm: Alarm,
    /** Told of what kept it from settling; it tries again within a second. */
    private readonly onFault: (fault: unknown) => void,
  ) {
    this.#unlisten = app.doorbell.listen(() => {
      this.#look();
    });
  }

  /** Settles what is due by now, then keeps doing so. */
  async start(): Promise<void> {
    this.#look();
    await this.#looking;
  }

  /** Stops looking, and waits for what was begun. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.alarm.clear();
    await this.#looking;
  }

  /** One look at a time; a ring during it means one more. */
  #look(): void {
    this.#again = true;
    this.#looking ??= this.#work().finally(() => {
      this.#looking = null;
    });
  }

  async #work(): Promise<void> {
    while (this.#again && this.#runs()) {
      this.#again = false;
      const next = await this.#settle();
      if (next !== null && this.#runs())
        this.alarm.set(next, () => {
          this.#look();
        });
    }
  }

  #runs(): boolean {
    return !this.#stopped;
  }

  async #settle(): Promise<number | null> {
    try {
      const next = await this.app.store.reader.nextChange();
      if (next === null || next > this.app.clock.now()) return next;
      await settleDueAgents(this.app);
      return await this.app.store.reader.nextChange();
    } catch (fault) {
      this.onFault(fault);
      return this.app.clock.now() + RETRY;
    }
  }
}
