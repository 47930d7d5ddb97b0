import type { ColumnDefinition, Database, Statement } from 'better-sqlite3';

/** How many statements a connection keeps, the ones used last. */
const MOST = 200;
/** A longer text was made for its number of parameters and hardly comes again. */
const LONGEST = 8_192;

/** A PRAGMA may act while it is prepared, and what changes the schema happens once: only these are the same each time. */
const REPEATABLE = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

type Row = readonly unknown[];

/** A prepared statement and the columns that it gives, which cost more to ask for than most rows. */
interface Prepared {
  readonly statement: Statement<unknown[], Row>;
  readonly columns: readonly ColumnDefinition[];
}

/**
 * Lets a connection prepare each statement once: preparing took a third of what recording a run costs. Prisma's adapter
 * prepares, binds and executes in one go, and `bind` is for good: hence an execution of its own for each use. None is
 * ever met half-way, because rows are read to the end before anybody else runs. Closing the connection ends them all.
 */
export function keepPrepared(connection: Database): void {
  const prepare = connection.prepare.bind(connection);
  const schemaVersion = prepare<[], bigint>('PRAGMA schema_version').pluck();
  const schema = prepare<[], bigint>('SELECT 1 FROM sqlite_schema LIMIT 1').pluck();
  const kept = new Map<string, Prepared>();
  let version: bigint | null = null;
  const forgetIfAltered = () => {
    // In a transaction the look would take a snapshot before the lock is taken; what was altered by its BEGIN is seen there.
    if (connection.inTransaction) return;
    const present = answerOf(schemaVersion);
    if (present !== null && present === version) return;
    kept.clear();
    // Whatever is prepared before the connection has read its schema anew has the columns of the old one.
    answerOf(schema);
    version = present;
  };
  const preparedOf = (sql: string): Prepared => {
    if (sql.length > LONGEST || !REPEATABLE.test(sql)) return prepareOnce(prepare(sql));
    forgetIfAltered();
    const prepared = kept.get(sql) ?? prepareOnce(prepare(sql));
    // The one used last stands last.
    kept.delete(sql);
    kept.set(sql, prepared);
    const [first] = kept.keys();
    if (kept.size > MOST && first !== undefined) kept.delete(first);
    return prepared;
  };
  Object.assign(connection, { prepare: (sql: string) => new Execution(preparedOf(sql)) });
}

/** Null if it can't be told: the adapter would never release its lock if its BEGIN threw. */
function answerOf(look: Statement<[], bigint>): bigint | null {
  try {
    return look.get() ?? null;
  } catch {
    return null;
  }
}

function prepareOnce(statement: Statement): Prepared {
  if (!statement.reader) return { statement: statement as Prepared['statement'], columns: [] };
  return { statement: statement.raw() as Prepared['statement'], columns: statement.columns() };
}

/** One use of a statement: what Prisma's adapter asks of a fresh one. */
class Execution {
  readonly #prepared: Prepared;
  #values: readonly unknown[] = [];

  constructor(prepared: Prepared) {
    this.#prepared = prepared;
  }

  get reader(): boolean {
    return this.#prepared.statement.reader;
  }

  bind(values: readonly unknown[]): this {
    this.#values = values;
    return this;
  }

  run(): unknown {
    return this.#prepared.statement.run(...this.#values);
  }

  columns(): readonly ColumnDefinition[] {
    return this.#prepared.columns;
  }

  raw(): this {
    return this;
  }

  all(): readonly Row[] {
    return this.#prepared.statement.all(...this.#values);
  }
}
