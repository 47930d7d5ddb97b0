import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { MigrationError, migrationErrorOf } from './migration-error.ts';

const HEADER_BYTES = 16;

/**
 * Looks at a database file before SQLite does, which takes 0 bytes for a new database. While one is made it has 0 bytes for a
 * moment, so where one may be made that is no fault.
 * @throws MigrationError if there is none or only its log, it is empty, or its header is zeroed.
 */
export function inspectFile(path: string, absent: 'create' | 'refuse'): void {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    // SQLite deletes the log of a file that is not there.
    if (stats === undefined && sizeOf(`${path}-wal`) > 0) throw new MigrationError('LOG_ALONE', path);
    if (absent === 'refuse' && stats === undefined) throw new MigrationError('MISSING', path);
    if (stats?.isFile() !== true) return;
    if (stats.size > 0 && headerOf(path).every((byte) => byte === 0))
      throw new MigrationError('DAMAGED', path, { what: 'its header is zeroed' });
    if (absent === 'refuse' && stats.size === 0) throw new MigrationError('EMPTY', path);
  } catch (error) {
    throw migrationErrorOf(error, path);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function headerOf(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Looks at every page of a database file, if there is one.
 * @throws MigrationError
 */
export function checkPages(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { readonly: true, fileMustExist: true });
    assertPages(db, path);
  } catch (error) {
    throw migrationErrorOf(error, path);
  } finally {
    db?.close();
  }
}

/** What `quick_check` finds that is a matter of content: rows that somebody changed are for verification to tell. */
const ABOUT_CONTENT =
  /^(NULL value in|NUMERIC value in|TEXT value in|non-\w+ value in|CHECK constraint failed in)|non-unique entry|missing from index/;

/**
 * The same in a transaction that is open.
 * @throws MigrationError, SqliteError
 */
export function assertPages(db: Database, path: string): void {
  const found = db.prepare<[], string>('PRAGMA quick_check').pluck().all();
  const damage = found.find((message) => message !== 'ok' && !ABOUT_CONTENT.test(message));
  if (damage !== undefined)
    throw new MigrationError('DAMAGED', path, { what: damage.replaceAll(/\s+/g, ' ').slice(0, 200) });
}
