import { KnownError } from '../../governance/known-error.ts';
import { sqliteCodeOf } from './storage-faults.ts';

/** Why a database file can't be used by this build. */
export type MigrationErrorCode = keyof typeof REASONS;

const REASONS = {
  NEWER:
    'a newer build has used it: it holds the migration % that this build does not know. Start that build.',
  CHANGED:
    'its migration % is not the one that this build has under that name. Restore prisma/ as it was released.',
  FAILED: 'the migration % failed, and nothing was changed.',
  FAILED_BEFORE:
    'its migration % was begun by another tool and never finished. Restore a backup, or resolve it with that tool.',
  FOREIGN: 'it is not a database of Tierkeeper: it holds other tables.',
  NOT_A_DATABASE: 'it is not a SQLite database.',
  DAMAGED: 'it is damaged%. Restore a backup.',
  READ_ONLY: 'it is read-only.',
  MISSING: 'there is none. Check the path in DATABASE_URL; tierkeeper serve makes a new one.',
  LOG_ALONE:
    'its write-ahead log stands there alone. Put the database back beside its -wal file, or move that file away.',
  EMPTY: 'the file is empty: 0 bytes. If a ledger was in it, restore a backup.',
  PENDING:
    'an earlier build has used it: it lacks the migration %. Start this build on it once: tierkeeper serve',
  IS_A_FOLDER: 'it is a folder, not a file.',
  NOT_A_FILE: 'it is a device, a pipe or a socket, not a file.',
  NAME_TOO_LONG: 'its name is too long. Use a shorter path.',
  IO_ERROR: 'the disk fails to read or write it. See the log of the system.',
  CANNOT_OPEN: 'it cannot be opened or made there.',
  LOCKED: 'another process holds its lock. Try again.',
  NO_WAL: 'its file system does not support write-ahead logging. Use a local disk.',
  FULL: 'the disk is full.',
} as const;

/** A database file that can't be used; the message says why and what to do, and names the file and the migration. */
export class MigrationError extends KnownError {
  readonly code: 'DAMAGED' | 'DATABASE';
  readonly retryable: boolean;
  override readonly detail: MigrationErrorCode;
  /** What was found damaged; null if that is not known. */
  readonly what: string | null;

  constructor(
    detail: MigrationErrorCode,
    file: string,
    details: { migration?: string | undefined; what?: string | undefined; cause?: unknown } = {},
  ) {
    const { migration = '', what, cause } = details;
    const place = what === undefined ? migration : ` (${what})`;
    super(`The database ${file} cannot be used: ${REASONS[detail].replace('%', () => place)}`, { cause });
    this.code = detail === 'DAMAGED' ? 'DAMAGED' : 'DATABASE';
    this.retryable = detail === 'LOCKED' || detail === 'FULL';
    this.detail = detail;
    this.what = what ?? null;
  }
}

/** The migration error for whatever opening a database threw; anything else as it is. */
export function migrationErrorOf(error: unknown, file: string): unknown {
  if (error instanceof MigrationError) return error;
  const code = codeOf(error);
  return code === null ? error : new MigrationError(code, file, { cause: error });
}

function codeOf(error: unknown): MigrationErrorCode | null {
  const code = sqliteCodeOf(error) ?? '';
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_PROTOCOL') return 'LOCKED';
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS') return 'READ_ONLY';
  if (code.startsWith('SQLITE_CORRUPT')) return 'DAMAGED';
  if (code === 'SQLITE_NOTADB') return 'NOT_A_DATABASE';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return 'FULL';
  if (code === 'ENAMETOOLONG') return 'NAME_TOO_LONG';
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return 'IO_ERROR';
  if (code.startsWith('SQLITE_CANTOPEN') || /^(EACCES|EPERM|ENOTDIR|EEXIST|ENOENT|ELOOP)$/.test(code))
    return 'CANNOT_OPEN';
  return null;
}
