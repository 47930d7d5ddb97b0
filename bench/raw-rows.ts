import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';

type Row = Readonly<Record<string, unknown>>;

/** A statement with the rows to write by it. */
interface Writes {
  readonly statement: Statement<[Row]>;
  readonly rows: readonly Row[];
}

/** The tables that stand on an entry, in the order in which they can be written. */
const ON_ENTRIES = ['ledger_entries', 'runs', 'actions', 'violations', 'candidacies'];
const TABLES = ['principals', 'agents', ...ON_ENTRIES, 'recorders', 'ledger_head'];

/** Writes to a file the very rows that the product has written to another one, in one plain transaction. */
export class RawRows {
  readonly #from: Database;
  readonly #to: Database;
  readonly #statements = new Map<string, Statement<[Row]>>();
  #writes: readonly Writes[] = [];

  constructor(from: string, to: string) {
    this.#from = new SqliteDatabase(from, { readonly: true });
    this.#to = new SqliteDatabase(to);
    this.#to.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  }

  /** Takes what the product has written and this file lacks; gives how many rows. */
  capture(): number {
    const { seq } = this.#to.prepare('SELECT seq FROM ledger_head').get() as { seq: number };
    const added = (table: string) => this.#rows(`SELECT * FROM ${table} WHERE seq > ?`, seq);
    const agents = `SELECT * FROM agents WHERE agent_id IN (SELECT agent_id FROM ledger_entries WHERE seq > ?)`;
    const recorders = `SELECT DISTINCT agent_id, recorded_by_key AS principal_key FROM runs WHERE seq > ?`;
    const keys = new Set(this.#to.prepare('SELECT key FROM principals').pluck().all());
    this.#writes = [
      this.#insert(
        'principals',
        this.#rows('SELECT * FROM principals').filter(({ key }) => !keys.has(key)),
      ),
      this.#insert('agents', this.#rows(agents, seq), 'agent_id'),
      ...ON_ENTRIES.map((table) => this.#insert(table, added(table))),
      this.#insert('recorders', this.#rows(recorders, seq), 'agent_id, principal_key'),
      this.#head(),
    ].filter(({ rows }) => rows.length > 0);
    return this.#writes.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** Writes what was taken. */
  write(): void {
    this.#to.exec('BEGIN IMMEDIATE');
    for (const { statement, rows } of this.#writes) for (const row of rows) statement.run(row);
    this.#to.exec('COMMIT');
  }

  /** The rows of both files. */
  contents(): readonly [unknown, unknown] {
    const of = (db: Database) =>
      TABLES.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());
    return [of(this.#from), of(this.#to)];
  }

  close(): void {
    this.#from.close();
    this.#to.close();
  }

  #rows(sql: string, ...values: readonly unknown[]): readonly Row[] {
    return this.#from.prepare<unknown[], Row>(sql).all(...values);
  }

  #insert(table: string, rows: readonly Row[], key?: string): Writes {
    const columns = Object.keys(rows[0] ?? { seq: 0 });
    const changes = columns.map((column) => `${column} = excluded.${column}`).join(', ');
    const conflict = key === undefined ? '' : `ON CONFLICT (${key}) DO UPDATE SET ${changes}`;
    const values = columns.map((column) => `@${column}`).join(', ');
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values}) ${conflict}`;
    return { statement: this.#statement(rows.length === 0 ? 'SELECT 1' : sql), rows };
  }

  #head(): Writes {
    const columns = [
      'seq',
      'hash',
      'recorded_at',
      'clock_wall',
      'clock_boot',
      'clock_boot_id',
      'clock_accepted',
    ];
    const sql = `UPDATE ledger_head SET ${columns.map((name) => `${name} = @${name}`).join(', ')} WHERE id = @id`;
    return { statement: this.#statement(sql), rows: this.#rows('SELECT * FROM ledger_head') };
  }

  #statement(sql: string): Statement<[Row]> {
    const statement = this.#statements.get(sql) ?? this.#to.prepare<[Row]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
