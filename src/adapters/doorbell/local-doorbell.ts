import type { Doorbell } from '../../app/ports/world.ts';

/** The doorbell of one process. */
export class LocalDoorbell implements Doorbell {
  readonly #listeners = new Set<() => void>();

  ring(): void {
    for (const wake of this.#listeners) wake();
  }

  listen(wake: () => void): () => void {
    const listener = () => {
      wake();
    };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
