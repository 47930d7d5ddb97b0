import type { Alarm, Clock } from '../../app/ports/world.ts';

/**
 * A longer timer than 24.8 days fires at once, and a machine's clock may jump forward: so it looks again after a minute at
 * most. Where the clock was put back, it wakes after the time that was waited for all the same.
 */
const LONGEST = 60_000;

/** One alarm, on the clock of this machine; it keeps no process alive. */
export class SystemAlarm implements Alarm {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly clock: Clock) {}

  set(instant: number, wake: () => void): void {
    this.clear();
    const wait = instant - this.clock.now();
    const timer = setTimeout(
      () => {
        if (wait <= LONGEST || this.clock.now() >= instant) wake();
        else this.set(instant, wake);
      },
      Math.min(Math.max(wait, 0), LONGEST),
    );
    this.#timer = timer;
    timer.unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
