import { statSync } from 'node:fs';

/** Files of one database, by what follows its name. */
const PARTS = ['', '-wal', '-shm'] as const;

/**
 * The device and inode of a database's files as they were when it was opened. SQLite goes on writing to a file that was
 * moved or deleted: without this check, commits would reach a file that nobody will open again.
 */
export class FileIdentity {
  readonly #file: string;
  readonly #opened: readonly (string | null)[];

  /** A connection must have read the file before: SQLite makes the other two with the first read. */
  constructor(file: string) {
    this.#file = file;
    this.#opened = PARTS.map((part) => identityOf(file + part));
  }

  /** Why commits would be lost, in a sentence that names no path; null while every file is the one that was opened. */
  change(): string | null {
    for (const [index, part] of PARTS.entries()) {
      const found = identityOf(this.#file + part);
      if (found !== null && found === this.#opened[index]) continue;
      const what = part === '' ? 'its file' : `its ${part} file`;
      const how = found === null ? 'was moved or deleted' : 'was replaced by another';
      return `${what} ${how} while it was open. Put the same file back, or restart Tierkeeper to open what is there now.`;
    }
    return null;
  }
}

/** Null if there is no such file, or it can't be looked at. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
