import Database from 'better-sqlite3';
import { OriginalLedgerError } from './original-ledger-error.ts';

/**
 * What `quick_check` finds that is no damage here: a matter of content, which an import judges itself, or of a full-text
 * index, which it does not read.
 */
const NO_DAMAGE =
  /^(NULL value in|NUMERIC value in|TEXT value in|non-\w+ value in|CHECK constraint failed in)|non-unique entry|missing from index|inverted index for FTS\d table/;

/**
 * Checks the pages of a database: a damaged one may yield rows that were never written, so nothing of such a file is
 * believed. Where something of an application (a collation, a tokenizer) keeps SQLite from checking the whole file, each
 * table that is read is checked alone; one that can't be is checked by being read.
 * @throws OriginalLedgerError if a page is damaged, SqliteError if one can't be read.
 */
export function checkPages(
  database: Database.Database,
  { path, tables }: { readonly path: string; readonly tables: readonly string[] },
): void {
  const found =
    quickCheck(database, '') ?? tables.flatMap((table) => quickCheck(database, `("${table}")`) ?? []);
  const damage = found.find((message) => message !== 'ok' && !NO_DAMAGE.test(message));
  if (damage === undefined) return;
  const what = damage.replaceAll(/\s+/g, ' ').slice(0, 200);
  throw new OriginalLedgerError(
    `${path} is damaged (${what}). Import a backup, or repair it: sqlite3 FILE .recover`,
  );
}

/** What a check finds, or null if it can't be made. */
function quickCheck(database: Database.Database, of: string): readonly string[] | null {
  try {
    return database.prepare<[], string>(`PRAGMA quick_check${of}`).pluck().all();
  } catch (cause) {
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_ERROR')) return null;
    throw cause;
  }
}
