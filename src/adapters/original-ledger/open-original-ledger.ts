import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { OriginalLedger, OriginalSnapshot } from '../../app/ports/original-ledger.ts';
import {
  ORIGINAL_TABLES,
  type OriginalRows,
  type OriginalTable,
} from '../../governance/import/imported-rows.ts';
import { inspectFile, type LedgerFile } from './ledger-file.ts';
import { checkPages } from './check-pages.ts';
import { inspectTables } from './ledger-tables.ts';
import { readingSqlite } from './sqlite-problem.ts';

/** How long another program may hold a lock before that is an error, in milliseconds. */
const BUSY_TIMEOUT = 5_000;

/** The SQLite file of the original engine, as a ledger to import; it is opened by each `read`, and only to read. */
export function openOriginalLedger(path: string, { busyTimeout = BUSY_TIMEOUT } = {}): OriginalLedger {
  return {
    async read(work) {
      const file = inspectFile(resolve(path));
      const database = readingSqlite(
        file,
        () => new Database(file.path, { readonly: true, fileMustExist: true, timeout: busyTimeout }),
      );
      const open = new Set<Generator>();
      try {
        return await work(readingSqlite(file, () => snapshotOf(database, file, open)));
      } finally {
        for (const rows of open) rows.return(undefined);
        database.close();
      }
    },
  };
}

/** One read transaction, which lasts until the database is closed. */
function snapshotOf(database: Database.Database, file: LedgerFile, open: Set<Generator>): OriginalSnapshot {
  database.pragma('temp_store = MEMORY');
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  database.exec('BEGIN');
  const { queries, absent, sources } = inspectTables(database, file.path);
  checkPages(database, {
    path: file.path,
    tables: ORIGINAL_TABLES.filter((table) => sources[table] !== null),
  });
  const count = (table: OriginalTable) =>
    sources[table] === null
      ? 0
      : Number(database.prepare(`SELECT count(*) FROM ${sources[table]}`).pluck().get());
  return {
    rowCounts: {
      agent_metrics: count('agent_metrics'),
      agent_actions: count('agent_actions'),
      violations: count('violations'),
      promotions: count('promotions'),
    },
    absent,
    wal: file.hasLog ? { path: `${file.path}-wal`, read: file.wal } : null,
    rows<Table extends OriginalTable>(table: Table) {
      const rows = rowsOf<OriginalRows[Table]>(database, file, queries[table]);
      open.add(rows);
      return rows;
    },
  };
}

function* rowsOf<Row>(database: Database.Database, file: LedgerFile, query: string | null): Generator<Row> {
  if (query === null) return;
  const rows = readingSqlite(file, () => database.prepare<[], Row>(query).iterate());
  try {
    for (;;) {
      const next = readingSqlite(file, () => rows.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    rows.return?.();
  }
}
