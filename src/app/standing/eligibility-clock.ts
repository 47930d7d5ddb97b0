import { ANCHOR_AGE } from '../../governance/clock-witness.ts';
import type { App } from '../app.ts';
import type { Alarm } from '../ports/world.ts';
import { Rounds } from '../rounds.ts';
import { settleDueAgents } from './settle.ts';

const RETRY = 1_000;

/**
 * Appends what time alone changes, at the instant at which it does: it sleeps until the smallest `changesAt`, and looks
 * again whenever the ledger has grown, because a new entry may have brought that instant nearer. What became due while
 * nothing ran is settled at the start. Any number of processes may run one: whoever comes second finds nothing due.
 */
export class EligibilityClock {
  readonly #looking = new Rounds(() => this.#look());
  #stopped = false;
  readonly #unlisten: () => void;

  constructor(
    private readonly app: App,
    private readonly alarm: Alarm,
    /** Told of what kept it from settling; it tries again within a second. */
    private readonly onFault: (fault: unknown) => void,
  ) {
    this.#unlisten = app.doorbell.listen(() => {
      this.#looking.ask();
    });
  }

  /** Settles what is due by now, then keeps doing so. */
  async start(): Promise<void> {
    this.#looking.ask();
    await this.#looking.done;
  }

  /** Stops looking, and waits for what was begun. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.alarm.clear();
    await this.#looking.done;
  }

  async #look(): Promise<void> {
    if (!this.#runs()) return;
    const next = await this.#settle();
    if (!this.#runs()) return;
    // An idle ledger still keeps the anchor of its clock young.
    const least = this.app.clock.now() + ANCHOR_AGE;
    this.alarm.set(Math.min(next ?? least, least), () => {
      this.#looking.ask();
    });
  }

  #runs(): boolean {
    return !this.#stopped;
  }

  async #settle(): Promise<number | null> {
    try {
      if (this.app.witness.toKeep() !== null) await this.app.store.write(() => Promise.resolve());
      const next = await this.app.store.reader.nextChange();
      if (this.app.witness.doubt() !== null) return this.app.clock.now() + RETRY;
      if (next === null || next > this.app.clock.now()) return next;
      await settleDueAgents(this.app);
      return await this.app.store.reader.nextChange();
    } catch (fault) {
      this.onFault(fault);
      return this.app.clock.now() + RETRY;
    }
  }
}
