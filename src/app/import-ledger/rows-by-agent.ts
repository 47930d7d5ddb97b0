import type { OriginalValue } from '../../governance/import/imported-rows.ts';

type Wanted = Pick<ReadonlyMap<OriginalValue, unknown>, 'has'>;

/**
 * Rows that stand in the order of their agents, handed out agent by agent. Agents must be asked for in byte order; rows
 * of others go to `foreign` on the way.
 */
export class RowsByAgent<Row extends { readonly agentId: OriginalValue }> {
  readonly #rows: Iterator<Row>;
  readonly #wanted: Wanted;
  readonly #foreign: (row: Row) => void;
  #next: IteratorResult<Row, unknown>;

  constructor(
    rows: Iterable<Row>,
    others: { readonly wanted: Wanted; readonly foreign: (row: Row) => void },
  ) {
    this.#rows = rows[Symbol.iterator]();
    this.#wanted = others.wanted;
    this.#foreign = others.foreign;
    this.#next = this.#rows.next();
  }

  *of(agentId: string): Generator<Row> {
    this.#passForeign();
    while (this.#next.done !== true && this.#next.value.agentId === agentId) {
      yield this.#next.value;
      this.#next = this.#rows.next();
    }
  }

  /** Passes what is left when every agent has been asked for: all of it is foreign, or rows would be lost. */
  finish(): void {
    this.#passForeign();
    if (this.#next.done !== true)
      throw new RangeError(`The rows of ${String(this.#next.value.agentId)} stand out of order.`);
  }

  #passForeign(): void {
    while (this.#next.done !== true && !this.#wanted.has(this.#next.value.agentId)) {
      this.#foreign(this.#next.value);
      this.#next = this.#rows.next();
    }
  }
}
