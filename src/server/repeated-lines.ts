import type { Clock } from '../app/ports/world.ts';

const EVERY = 60_000;
/** More kinds than these are forgotten, oldest first. */
const MOST_KINDS = 100;

/** Lines of the log that tell the same again and again: the first is let through, and then one a minute. */
export class RepeatedLines {
  readonly #kinds = new Map<string, { at: number; kept: number }>();

  constructor(private readonly clock: Clock) {}

  /** How many of a kind were kept back since the last that was let through; null if this one is to be kept back too. */
  since(kind: string): number | null {
    const now = this.clock.now();
    const last = this.#kinds.get(kind);
    if (last !== undefined && now - last.at < EVERY) {
      last.kept += 1;
      return null;
    }
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { at: now, kept: 0 });
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > MOST_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    return last?.kept ?? 0;
  }
}
