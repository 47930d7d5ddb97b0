import type { OriginalRows, OriginalTable } from '../../governance/import/imported-rows.ts';

/** A ledger of the original engine, to be imported; nothing is ever written to it. */
export interface OriginalLedger {
  /**
   * Hands over one snapshot of it, which ends with the work.
   * @throws OriginalLedgerError if it can't be read or is no such ledger.
   */
  read<T>(work: (snapshot: OriginalSnapshot) => Promise<T>): Promise<T>;
}

/** An original ledger at one moment: every reading gives the same rows. */
export interface OriginalSnapshot {
  readonly rowCounts: Readonly<Record<OriginalTable, number>>;
  /** What an original ledger may lack and this one does: a table (`column` is null) or an optional column. */
  readonly absent: readonly { readonly table: OriginalTable; readonly column: string | null }[];
  /** The log of WAL mode that stood beside the file with something in it; `read` if its rows were read, too. */
  readonly wal: { readonly path: string; readonly read: boolean } | null;
  /**
   * The rows of a table one by one, by agent id in byte order, an agent's rows in the order of their insertion. A fact
   * comes once for each agent whose id it equals; facts of nobody come first.
   */
  rows<Table extends OriginalTable>(table: Table): Iterable<OriginalRows[Table]>;
}
