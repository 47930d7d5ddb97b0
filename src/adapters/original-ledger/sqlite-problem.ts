import Database from 'better-sqlite3';
import type { LedgerFile } from './ledger-file.ts';
import { OriginalLedgerError } from './original-ledger-error.ts';

/**
 * Runs something that reads a ledger.
 * @throws OriginalLedgerError where SQLite fails; other errors pass.
 */
export function readingSqlite<T>(file: LedgerFile, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof Database.SqliteError ? explained(file, cause) : cause;
  }
}

function explained(
  { path, wal }: LedgerFile,
  cause: InstanceType<typeof Database.SqliteError>,
): OriginalLedgerError {
  const { code } = cause;
  const says = (message: string, retryable = false) => new OriginalLedgerError(message, { retryable, cause });
  if (isAnyOf(code, 'SQLITE_BUSY', 'SQLITE_LOCKED'))
    return says(`${path} is locked by another program. Stop the original engine, or try again later.`, true);
  if (isAnyOf(code, 'SQLITE_CORRUPT', 'SQLITE_NOTADB'))
    return says(
      `${path} is damaged or encrypted (${cause.message}). Import a backup, or repair it: sqlite3 FILE .recover`,
    );
  if (isAnyOf(code, 'SQLITE_READONLY_ROLLBACK', 'SQLITE_READONLY_RECOVERY'))
    return says(
      `${path} was not closed cleanly. Open it once with the original engine, or with sqlite3, and try again.`,
    );
  if (code === 'SQLITE_ERROR_MISSING_COLLSEQ')
    return says(
      `${path} compares agent ids by rules of another application (${cause.message}). Import a copy whose agent_id columns have no such collation.`,
    );
  if (wal && isAnyOf(code, 'SQLITE_CANTOPEN', 'SQLITE_READONLY'))
    return says(
      `${path} is in WAL mode, and its folder can't be written to, which even reading it takes. ` +
        'Copy the file, with its -wal and -shm if there are any, to a folder that can, and import the copy.',
    );
  return says(`${path} can't be read (${code}: ${cause.message}). Check the file, or import a copy of it.`);
}

/** Whether a code, extended or not, is of one of these kinds. */
function isAnyOf(code: string, ...kinds: readonly string[]): boolean {
  return kinds.some((kind) => code === kind || code.startsWith(`${kind}_`));
}
