import {
  StorageBusyError,
  StorageUnavailableError,
  type StorageError,
} from '../../app/ports/storage-errors.ts';

/** SQLite's primary result codes that mean a fault, by name: https://www.sqlite.org/rescode.html */
const FAULTS: Readonly<Record<string, 'busy' | 'unavailable'>> = {
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_PROTOCOL: 'busy',
  SQLITE_PERM: 'unavailable',
  SQLITE_NOMEM: 'unavailable',
  SQLITE_READONLY: 'unavailable',
  SQLITE_IOERR: 'unavailable',
  SQLITE_CORRUPT: 'unavailable',
  SQLITE_FULL: 'unavailable',
  SQLITE_CANTOPEN: 'unavailable',
  SQLITE_NOTADB: 'unavailable',
};

/** Extended codes that better-sqlite3 has no name for, by the primary code in their low byte. */
const PRIMARY: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
};

/** The storage error for what better-sqlite3 or its Prisma adapter threw; null if it is not a fault of the database. */
export function storageFaultOf(error: unknown): StorageError | null {
  const code = sqliteCodeOf(error);
  const fault = code === null ? undefined : FAULTS[primaryCode(code)];
  if (fault === undefined) return isGone(error) ? new StorageUnavailableError({ cause: error }) : null;
  if (fault === 'busy') return new StorageBusyError({ cause: error });
  return new StorageUnavailableError({ cause: error, damaged: isDamage(error) });
}

/** Whether better-sqlite3 or its Prisma adapter found a page of the file damaged. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(sqliteCodeOf(error) ?? '');
  return code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB';
}

/** SQLite's result code, such as `SQLITE_IOERR_WRITE`, or null if there is none. */
export function sqliteCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // A DriverAdapterError's cause is no Error but a plain object with the driver's own code.
  const source: unknown = error.name === 'DriverAdapterError' ? error.cause : error;
  const { code, originalCode = code } = source as {
    readonly code?: unknown;
    readonly originalCode?: unknown;
  };
  return typeof originalCode === 'string' ? originalCode : null;
}

/** What a fault means for whoever runs the server, in a sentence that names no file. */
export function faultSentence(fault: StorageError): string {
  const { cause } = fault;
  if (fault instanceof StorageUnavailableError && fault.reason !== null) return fault.message;
  const code = primaryCode(sqliteCodeOf(cause) ?? '');
  return `The database ${SENTENCES[code] ?? 'is unavailable'}. See the log.`;
}

const SENTENCES: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'is busy',
  SQLITE_FULL: 'can’t be written: the disk is full',
  SQLITE_READONLY: 'can’t be written: it is read-only, or another file is in its place',
  SQLITE_PERM: 'can’t be written: it is read-only',
  SQLITE_IOERR: 'can’t be read or written: the disk fails, is full or is read-only',
  SQLITE_CORRUPT: 'is damaged',
  SQLITE_NOTADB: 'is damaged',
  SQLITE_CANTOPEN: 'can’t be opened',
};

function primaryCode(code: string): string {
  const unnamed = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code);
  if (unnamed !== null) return PRIMARY[Number(unnamed[1]) & 0xff] ?? code;
  return code.split('_').slice(0, 2).join('_');
}

/** What better-sqlite3 says by a TypeError. */
function isGone(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /database connection is not open|directory does not exist/.test(error.message)
  );
}
