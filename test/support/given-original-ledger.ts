import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { OriginalTable, OriginalValue } from '../../src/governance/import/imported-rows.ts';
import { tempFolder } from './temp-folder.ts';

/** A row as a test writes it: its columns by name; further names become further columns. */
export type GivenRow = Readonly<Record<string, OriginalValue>>;

/** What a given ledger holds: rows by table, and what it is to lack: `table` or `table.column`. */
export type GivenLedger = Readonly<Partial<Record<OriginalTable, Iterable<GivenRow>>>> & {
  readonly without?: readonly string[];
};

/** The columns of the original engine, without its constraints: rows may be dirty. */
const COLUMNS: Readonly<Record<OriginalTable, readonly string[]>> = {
  agent_metrics: [
    'agent_id TEXT',
    'current_tier INTEGER',
    'total_runs INTEGER',
    'compliant_runs INTEGER',
    'consecutive_compliant INTEGER',
    'last_violation_at TEXT',
    'last_active_at TEXT',
    'updated_at TEXT',
  ],
  agent_actions: [
    'id INTEGER PRIMARY KEY AUTOINCREMENT',
    'timestamp TEXT',
    'agent_id TEXT',
    'agent_version TEXT',
    'tier INTEGER',
    'action TEXT',
    'decision TEXT',
    'confidence REAL',
    'success INTEGER',
    'session_id TEXT',
  ],
  violations: [
    'id INTEGER PRIMARY KEY AUTOINCREMENT',
    'timestamp TEXT',
    'agent_id TEXT',
    'violation_type TEXT',
    'severity TEXT',
    'description TEXT',
    'acknowledged INTEGER',
  ],
  promotions: [
    'id INTEGER PRIMARY KEY AUTOINCREMENT',
    'timestamp TEXT',
    'agent_id TEXT',
    'from_tier INTEGER',
    'to_tier INTEGER',
    'approved_by TEXT',
    'rationale TEXT',
    'evidence TEXT',
  ],
};

/** The file of the original ledger that test/fixtures holds. */
export function givenFixtureLedger(): string {
  const path = join(tempFolder(), 'governance.db');
  const database = new Database(path);
  try {
    database.exec(readFileSync(join(import.meta.dirname, '../fixtures/original-ledger.sql'), 'utf8'));
  } finally {
    database.close();
  }
  return path;
}

/** The file of an original ledger with these rows; a table that is not named is empty. */
export function givenOriginalLedger(ledger: GivenLedger = {}): string {
  const path = join(tempFolder(), 'governance.db');
  const database = new Database(path);
  try {
    database.transaction(() => {
      for (const table of Object.keys(COLUMNS) as OriginalTable[])
        if (ledger.without?.includes(table) !== true) fill(database, table, ledger);
    })();
  } finally {
    database.close();
  }
  return path;
}

function fill(database: Database.Database, table: OriginalTable, ledger: GivenLedger): void {
  const rows = [...(ledger[table] ?? [])];
  const declared = COLUMNS[table].filter(
    (column) => ledger.without?.includes(`${table}.${nameOf(column)}`) !== true,
  );
  const names = new Set(declared.map(nameOf));
  const further = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !names.has(name));
  database.exec(`CREATE TABLE ${table} (${[...declared, ...further].join(', ')})`);
  const columns = [...names, ...further];
  const places = columns.map(() => '?').join(', ');
  const insert = database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
  for (const row of rows) insert.run(columns.map((column) => row[column] ?? null));
}

function nameOf(column: string): string {
  return column.split(' ', 1)[0] ?? column;
}
