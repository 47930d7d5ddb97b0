import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { onTestFinished } from 'vitest';

/** One statement, with what SQLite will do for it, line by line. */
export interface Planned {
  readonly sql: string;
  readonly plan: readonly string[];
}

const { prototype } = new SqliteDatabase(':memory:').prepare('SELECT 1').constructor as {
  readonly prototype: Statement;
};

/** Collects every statement that any connection of this process executes until the test ends: each is prepared but once. */
export function statements(): { take(): readonly string[] } {
  let seen = new Set<string>();
  const { run, get, all, iterate } = prototype;
  const noting = <Result>(execute: (...values: unknown[]) => Result) =>
    function (this: Statement, ...values: unknown[]): Result {
      seen.add(this.source);
      return execute.apply(this, values);
    };
  Object.assign(prototype, {
    run: noting(run),
    get: noting(get),
    all: noting(all),
    iterate: noting(iterate),
  });
  onTestFinished(() => {
    Object.assign(prototype, { run, get, all, iterate });
  });
  return {
    take: () => {
      const taken = [...seen];
      seen = new Set();
      return taken;
    },
  };
}

/** What SQLite will do for a statement, whatever its parameters are. */
export function planned(db: Database, sql: string): Planned {
  const parameters = Array.from({ length: sql.split('?').length - 1 }, () => null);
  const rows = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return { sql, plan: rows.map(({ detail }) => namedByTable(sql, detail.replace(' main.', ' '))) };
}

/** A plan names tables by their alias in the statement. */
function namedByTable(sql: string, detail: string): string {
  return detail.replace(/^(SCAN|SEARCH) (\w+)/, (line, verb: string, alias: string) => {
    const found = new RegExp(
      `(?:FROM|JOIN|UPDATE|INTO) (?:\`main\`\\.)?\`?(\\w+)\`? (?:AS )?\`?${alias}\`?\\b`,
    ).exec(sql);
    return found?.[1] === undefined ? line : `${verb} ${found[1]}`;
  });
}
