import { closeSync, lstatSync, openSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { BackupError } from '../../app/ports/backup-error.ts';
import { backupErrorOf } from './backup-fault.ts';
import { MigrationError } from './migration-error.ts';
import { publishFile, syncPath } from './publish-file.ts';
import { isDamage } from './storage-faults.ts';

/** How many pages are copied before signals and timers get their turn. */
const STEP = 1_000;

/** A copy under a name that no backup has, in the folder of its destination. */
export interface DatabaseCopy {
  readonly file: string;
  /** Gives it its name for good. @throws BackupError if another file has it by now */
  publish(): void;
  discard(): void;
}

/**
 * Refuses a destination that exists or belongs to the database.
 * @throws BackupError
 */
export function assertFreeDestination(source: string, out: string): void {
  const taken = ['', '-wal', '-shm', '-journal'].map((part) => realPath(source) + part);
  if (taken.includes(realPath(out)))
    throw new BackupError('REFUSED', `${out} belongs to the database itself. Name another file.`);
  if (isThere(out))
    throw new BackupError('REFUSED', `${out} exists. A backup replaces no file: name a new one.`);
}

function isThere(out: string): boolean {
  try {
    return lstatSync(out, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw backupErrorOf(error, out);
  }
}

/**
 * Copies one moment of a database while others write, under a name that ends with `id`: the open read transaction keeps the copy from starting again.
 * @throws BackupError, MigrationError if a page of the database is damaged
 */
export async function copyDatabase(
  source: string,
  out: string,
  { signal, id }: { readonly signal: AbortSignal; readonly id: string },
): Promise<DatabaseCopy> {
  const file = `${resolve(out)}.partial-${id}`;
  const discard = () => {
    for (const part of ['', '-journal', '-wal', '-shm']) rmSync(file + part, { force: true });
  };
  try {
    closeSync(openSync(file, 'wx', 0o600));
    await copyPages(resolve(source), file, signal);
    syncPath(file);
  } catch (error) {
    discard();
    throw isDamage(error)
      ? new MigrationError('DAMAGED', source, { cause: error })
      : backupErrorOf(error, out);
  }
  return { file, discard, publish: () => publishing(file, out) };
}

async function copyPages(source: string, file: string, signal: AbortSignal): Promise<void> {
  const db = new SqliteDatabase(source, { readonly: true, fileMustExist: true, timeout: 10_000 });
  try {
    db.pragma('temp_store = MEMORY');
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    await db.backup(file, {
      progress: () => {
        signal.throwIfAborted();
        return STEP;
      },
    });
  } finally {
    db.close();
  }
  // A backup is one file: in WAL mode, reading it would leave two more beside it.
  const copy = new SqliteDatabase(file, { fileMustExist: true });
  try {
    copy.pragma('temp_store = MEMORY');
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

function publishing(file: string, out: string): void {
  try {
    publishFile(file, resolve(out));
  } catch (error) {
    throw backupErrorOf(error, out);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(resolve(path))), basename(path));
    } catch {
      return resolve(path);
    }
  }
}
