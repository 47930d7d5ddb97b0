import SqliteDatabase, { type Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';

/** One statement, with what SQLite will do for it, line by line. */
export interface Planned {
  readonly sql: string;
  readonly plan: readonly string[];
}

/** Collects every statement that any connection of this process prepares until the test ends. */
export function statements(): { take(): readonly string[] } {
  let seen = new Set<string>();
  const { prepare } = SqliteDatabase.prototype;
  SqliteDatabase.prototype.prepare = function (this: Database, sql: string) {
    seen.add(sql);
    return prepare.call(this, sql);
  } as typeof prepare;
  onTestFinished(() => {
    SqliteDatabase.prototype.prepare = prepare;
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
