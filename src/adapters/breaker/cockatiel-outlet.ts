import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  halfJitterGenerator,
  handleWhen,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  type CircuitBreakerPolicy,
  type IBackoff,
  type IBackoffFactory,
  type IPolicy,
} from 'cockatiel';
import { OutletClosedError, TimedOutError } from '../../app/ports/outlet-errors.ts';
import type { BreakerState, Outlet } from '../../app/ports/deliveries.ts';
import type { Clock } from '../../app/ports/world.ts';

/** How many failures in a row open the breaker, and how long it stays open, in milliseconds. */
const BREAKS_AFTER = 5;
const OPEN_FOR = 500;
/** How long a failed delivery waits, in milliseconds: healing must show within five seconds. */
const BACKOFF = { initialDelay: 100, maxDelay: 2_000 };

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'CLOSED',
  [CircuitState.HalfOpen]: 'HALF_OPEN',
  [CircuitState.Open]: 'OPEN',
  [CircuitState.Isolated]: 'OPEN',
};

/** What an outlet is to hold its calls to. */
export interface OutletOptions {
  readonly clock: Clock;
  /** One that is never put back. */
  readonly monotonic: Clock;
  /** How long a call may take, in milliseconds. */
  readonly timeout: number;
  /** Whether an error says that what is outside is down, rather than that it refused this one thing. */
  readonly isOutage: (error: unknown) => boolean;
}

/** An outlet by cockatiel: a timeout for each call, and a breaker for all of them. */
export class CockatielOutlet implements Outlet {
  #retryAt = 0;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #limit: IPolicy;
  readonly #isOutage: (error: unknown) => boolean;
  /** How many calls have succeeded, and how many had as the last one for something failed. */
  #served = 0;
  readonly #failed = new Map<string, number>();
  readonly #timeout: number;

  constructor({ clock, monotonic, timeout: longest, isOutage }: OutletOptions) {
    this.#timeout = longest;
    this.#clock = clock;
    this.#isOutage = (error) => error instanceof TaskCancelledError || isOutage(error);
    this.#breaker = circuitBreaker(
      handleWhen((error) => !(error instanceof OwnFailure) && this.#isOutage(error)),
      { halfOpenAfter: halfOpenSoon(monotonic), breaker: new ConsecutiveBreaker(BREAKS_AFTER) },
    );
    this.#breaker.onBreak(() => {
      this.#retryAt = clock.now() + OPEN_FOR;
    });
    this.#limit = timeout(longest, TimeoutStrategy.Aggressive);
  }

  /** Never further ahead than the breaker stays open: the clock may have been put back. */
  get retryAt(): number {
    return Math.min(this.#retryAt, this.#clock.now() + OPEN_FOR);
  }

  get state(): BreakerState {
    return STATES[this.#breaker.state];
  }

  delay(attempts: number): number {
    const [delay] = halfJitterGenerator(Math.min(attempts - 1, 10), {
      ...BACKOFF,
      exponent: 2,
      generator: halfJitterGenerator,
    });
    // The breaker spaces trials out. Whatever failed is due at the next one, so that what lowers is there to be tried first.
    return this.state === 'OPEN' ? Math.min(delay, Math.max(0, this.retryAt - this.#clock.now())) : delay;
  }

  async call<T>(key: string, work: () => Promise<T>): Promise<T> {
    // A signal of its own: all calls would else listen to one of cockatiel's, and Node warns of more than ten.
    const { signal } = new AbortController();
    try {
      return await this.#breaker.execute(() => this.#counted(key, this.#limit.execute(work, signal)), signal);
    } catch (thrown) {
      const error: unknown = thrown instanceof OwnFailure ? thrown.cause : thrown;
      if (error instanceof BrokenCircuitError) throw new OutletClosedError();
      if (error instanceof TaskCancelledError) throw new TimedOutError(this.#timeout);
      throw error;
    }
  }

  /** What fails again where others were served meanwhile fails by itself, and is no sign of an outage. */
  async #counted<T>(key: string, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      this.#served += 1;
      this.#failed.delete(key);
      return result;
    } catch (error) {
      if (!this.#isOutage(error)) throw error;
      const before = this.#failed.get(key) ?? Infinity;
      this.#failed.set(key, this.#served);
      throw this.#served > before ? new OwnFailure(error) : error;
    }
  }

  onChange(listener: (state: BreakerState) => void): void {
    this.#breaker.onStateChange((state) => {
      listener(STATES[state]);
    });
  }
}

/** An error that the breaker does not count. */
class OwnFailure extends Error {
  constructor(override readonly cause: unknown) {
    super('It failed by itself.');
  }
}

/** Cockatiel compares this with the clock of the machine, which may be put back: measured here, it is over or not. */
function halfOpenSoon(monotonic: Clock): IBackoffFactory<unknown> {
  const next = (): IBackoff<unknown> => {
    const openedAt = monotonic.now();
    return {
      get duration() {
        return monotonic.now() - openedAt < OPEN_FOR ? Infinity : -Infinity;
      },
      next,
    };
  };
  return { next };
}
