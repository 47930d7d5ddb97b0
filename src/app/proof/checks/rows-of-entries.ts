/** Rows in the order of the entries that they stand on, handed out entry by entry. */
export class RowsOfEntries<Row extends { readonly seq: number }> {
  readonly #rows: Iterator<Row>;
  readonly #onStray: (row: Row) => void;
  #next: IteratorResult<Row, unknown>;
  #count = 0;

  /** `onStray` is told of rows that stand on no entry. */
  constructor(rows: Iterable<Row>, onStray: (row: Row) => void) {
    this.#rows = rows[Symbol.iterator]();
    this.#onStray = onStray;
    this.#next = this.#rows.next();
  }

  /** How many rows there were. */
  get count(): number {
    return this.#count;
  }

  /** The rows of an entry. Entries must be asked for in their order. */
  of(seq: number): readonly Row[] {
    while (this.#next.done !== true && this.#next.value.seq < seq) this.#onStray(this.#take());
    const own: Row[] = [];
    while (this.#next.done !== true && this.#next.value.seq === seq) own.push(this.#take());
    return own;
  }

  /** When every entry has been asked for: what is left stands on none. */
  finish(): void {
    while (this.#next.done !== true) this.#onStray(this.#take());
  }

  #take(): Row {
    const row = this.#next.value as Row;
    this.#count += 1;
    this.#next = this.#rows.next();
    return row;
  }
}
