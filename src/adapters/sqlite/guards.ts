import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

/** A trigger or index that Prisma can't express. */
interface Guard {
  readonly type: 'trigger' | 'index';
  readonly name: string;
  readonly sql: string;
}

/** What guards.sql sets up: its text, and the triggers and indexes it names. */
export interface Guards {
  readonly text: string;
  readonly list: readonly Guard[];
}

/** The guards of a provider's folder. Each statement of guards.sql begins at the left margin, and nothing else does. */
export function readGuards(folder: string): Guards {
  const text = readFileSync(join(folder, 'guards.sql'), 'utf8');
  const statements = text.split(/;\s*\n(?=\S|$)(?!END)/);
  return { text, list: statements.flatMap(guardOf) };
}

/** The names of the guards that a database lacks or has otherwise. */
export function missingGuards(db: Database, { list }: Guards): readonly string[] {
  const rows = db.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL').all();
  const present = new Map(
    (rows as { name: string; sql: string }[]).map(({ name, sql }) => [name, oneLine(sql)]),
  );
  return list.filter(({ name, sql }) => present.get(name) !== sql).map(({ name }) => name);
}

/** Sets up every guard, replacing those that differ; needs a transaction. Answers what was missing. */
export function applyGuards(db: Database, guards: Guards): readonly string[] {
  const missing = missingGuards(db, guards);
  const indexes = guards.list.filter(({ type, name }) => type === 'index' && missing.includes(name));
  for (const { name } of indexes) db.exec(`DROP INDEX IF EXISTS ${name}`);
  db.exec(guards.text);
  return missing;
}

function guardOf(statement: string): readonly Guard[] {
  const found = /^CREATE (?:UNIQUE )?(TRIGGER|INDEX) (?:IF NOT EXISTS )?(\w+)/m.exec(statement);
  const [, type, name] = found ?? [];
  if (found === null || name === undefined) return [];
  // SQLite keeps the text of a statement without IF NOT EXISTS.
  const sql = oneLine(statement.slice(found.index)).replace(' IF NOT EXISTS ', ' ');
  return [{ type: type === 'TRIGGER' ? 'trigger' : 'index', name, sql }];
}

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim();
}
