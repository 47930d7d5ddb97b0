import { setImmediate as turn } from 'node:timers/promises';

/** Lets one at a time do what keeps the process busy, and whatever else waits have a turn before each. */
export class Gate {
  #last: Promise<unknown> = Promise.resolve();

  pass<T>(work: () => Promise<T>): Promise<T> {
    const passing = this.#last.then(() => turn()).then(work);
    this.#last = passing.catch(() => undefined);
    return passing;
  }
}
