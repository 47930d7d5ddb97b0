import type { Clock } from '../../app/ports/world.ts';
import type { Limits } from '../../config/config.ts';
import type { Principal } from '../../governance/principals/principal.ts';

const MINUTE_MS = 60_000;

interface Minute {
  readonly began: number;
  operations: number;
}

/**
 * Counts the operations of each principal, whatever they come over. A principal's minute begins with its first operation;
 * only counters are kept, because the sliding lists of timestamps that rate limiters usually keep cost as much per
 * operation as they allow operations.
 */
export class OperationRate {
  readonly #clock: Clock;
  readonly #limits: Limits;
  /** In the order in which they began. */
  readonly #minutes = new Map<string, Minute>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Counts one operation; answers how many ms to wait if it is one too many, else 0. */
  take({ id, kind }: Principal): number {
    const now = this.#clock.now();
    this.#forget(now);
    const { serviceOperationsPerMinute, operationsPerMinute } = this.#limits;
    const most = kind === 'SERVICE' ? serviceOperationsPerMinute : operationsPerMinute;
    const minute = this.#minutes.get(id) ?? { began: now, operations: 0 };
    this.#minutes.set(id, minute);
    if (minute.operations >= most) return Math.max(1, minute.began + MINUTE_MS - now);
    minute.operations += 1;
    return 0;
  }

  #forget(now: number): void {
    for (const [id, { began }] of this.#minutes) {
      if (began <= now && now < began + MINUTE_MS) return;
      this.#minutes.delete(id);
    }
  }
}
