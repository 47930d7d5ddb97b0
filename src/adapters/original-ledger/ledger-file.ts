import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { OriginalLedgerError } from './original-ledger-error.ts';

const MAGIC = Buffer.from('SQLite format 3\0');
const PAGE_SIZE = 16;
const READ_VERSION = 19;
const WAL = 2;

/** What the beginning of a SQLite file says of it. */
export interface LedgerFile {
  readonly path: string;
  /** Whether it is in WAL mode, in which even reading needs files beside it. */
  readonly wal: boolean;
  /** Whether a log of WAL mode stands beside it with something in it. */
  readonly hasLog: boolean;
}

/**
 * Looks at a file before SQLite does, whose own messages say little.
 * @throws OriginalLedgerError if it is missing, unreadable, no file, or no SQLite database.
 */
export function inspectFile(path: string): LedgerFile {
  const { head, size } = reading(path, () => {
    const stat = statSync(path);
    if (stat.isDirectory())
      throw new OriginalLedgerError(`${path} is a folder. Name the ledger's file in it.`);
    if (!stat.isFile())
      throw new OriginalLedgerError(`${path} is no regular file. Name the ledger's SQLite file.`);
    if (stat.size === 0)
      throw new OriginalLedgerError(`${path} is empty. Name the file that the original engine writes to.`);
    return { head: headOf(path), size: stat.size };
  });
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw notSqlite(path, head);
  const wal = head[READ_VERSION] === WAL;
  if (!wal && isCutShort(head, size))
    throw new OriginalLedgerError(
      `${path} is damaged: its end is missing. Import a whole copy, or a backup.`,
    );
  return { path, wal, hasLog: (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0 };
}

/** Whether the last page is incomplete: SQLite would read what is missing as zeros. */
function isCutShort(head: Buffer, size: number): boolean {
  if (head.length < PAGE_SIZE + 2) return true;
  const given = head.readUInt16BE(PAGE_SIZE);
  const pageSize = given === 1 ? 65_536 : given;
  const isPageSize = pageSize >= 512 && Number.isInteger(Math.log2(pageSize));
  return isPageSize && size % pageSize !== 0;
}

function headOf(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(512);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function notSqlite(path: string, head: Buffer): OriginalLedgerError {
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  if (isText)
    return new OriginalLedgerError(
      `${path} is a text file, not a SQLite database. If it is an SQL dump, make a database of it first: sqlite3 ledger.db < FILE`,
    );
  return new OriginalLedgerError(
    `${path} is no SQLite database, or an encrypted one. Name the ledger's SQLite file, decrypted.`,
  );
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof OriginalLedgerError) throw cause;
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new OriginalLedgerError(`${path} does not exist. Check the path.`, { cause });
    if (code === 'EACCES' || code === 'EPERM')
      throw new OriginalLedgerError(
        `${path} may not be read by this user. Grant the right to read it, or import a copy.`,
        { cause },
      );
    if (typeof code === 'string')
      throw new OriginalLedgerError(
        `${path} can't be read (${code}). Check the file, or import a copy of it.`,
        { cause },
      );
    throw cause;
  }
}
