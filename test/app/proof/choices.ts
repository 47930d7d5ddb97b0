import { seededRandom } from '../../../src/cli/demo/random.ts';

/** Choices that a seed repeats. */
export class Choices {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** A whole number from 0 on, below a bound. */
  upTo(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.upTo(list.length)];
    if (found === undefined) throw new RangeError('There is nothing to pick from.');
    return found;
  }
}
