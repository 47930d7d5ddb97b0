import type { Clock } from '../ports/world.ts';
import type { Compared, Lease } from './follower.ts';
import { OvertakenError } from '../ports/outlet-errors.ts';
import type { Outlet } from '../ports/deliveries.ts';

/** How often everything is compared, in milliseconds. */
const EVERY = 30_000;

/** What a comparison needs of its runner. */
export interface ComparisonOptions {
  readonly clock: Clock;
  readonly outlet: Pick<Outlet, 'delay'>;
  readonly compare: () => Promise<Compared>;
  readonly found: (compared: Compared) => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** It ended: look again. */
  readonly ended: () => void;
}

/** Compares at once, then 30 s after it began, sooner after a failure; never two at once. */
export class Comparison {
  #at = 0;
  #failures = 0;
  /** When it is to have succeeded again. */
  #dueAt = 0;
  #running: Promise<void> | null = null;
  #hasEnded = false;

  constructor(private readonly options: ComparisonOptions) {}

  /** When the next one begins; null while one runs. */
  get at(): number | null {
    return this.#running === null ? this.#at : null;
  }

  /** Whether one has ended, well or not. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether one is to begin that is more than a try whether something works again. */
  get isDue(): boolean {
    const now = this.options.clock.now();
    return this.#running === null && !this.#isLater(this.#at, now) && !this.#isLater(this.#dueAt, now);
  }

  /** The next one begins no later than that. */
  noLaterThan(instant: number): void {
    this.#at = Math.min(this.#at, instant);
  }

  /** Begins one if it is time. */
  begin(): void {
    const { clock, ended } = this.options;
    if (this.#running !== null || this.#isLater(this.#at, clock.now())) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#hasEnded = true;
      ended();
    });
  }

  /** Resolved once none runs. */
  async stop(): Promise<void> {
    await this.#running;
  }

  /** Further ahead than that it is only if the clock was put back. */
  #isLater(instant: number, now: number): boolean {
    return instant > now && instant <= now + EVERY;
  }

  async #run(): Promise<void> {
    const { clock, outlet, compare, found, failed } = this.options;
    this.#at = Number.MAX_SAFE_INTEGER;
    const began = clock.now();
    try {
      await found(await compare());
      this.#failures = 0;
      this.#dueAt = began + EVERY;
      this.noLaterThan(this.#dueAt);
    } catch (error) {
      this.#failures += 1;
      this.noLaterThan(clock.now() + outlet.delay(this.#failures));
      if (!(error instanceof OvertakenError)) failed(error);
    }
  }
}

/** A lease that nothing overtakes but the loss of the lease. */
export function leaseOf(holder: string, holds: () => boolean): Lease {
  return {
    holder,
    assertHeld: () => {
      if (!holds()) throw new OvertakenError();
    },
  };
}
