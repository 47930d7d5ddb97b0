import { statSync } from 'node:fs';
import { FileContent } from './file-content.ts';

/** Files of one database, by what follows its name. */
const PARTS = ['', '-wal', '-shm'] as const;

interface Opened {
  readonly parts: readonly (string | null)[];
  readonly content: FileContent;
}

/** Told once when the files are no longer those that were opened, with the reason, and once with null when they are again. */
export type FileWatch = (reason: string | null) => void;

/**
 * The files of a database as they were when it was opened: device, inode, and that nobody else wrote the database file.
 * SQLite goes on writing to a file that was moved or deleted: without this check, commits would reach a file that nobody
 * will open again.
 */
export class FileIdentity {
  readonly #file: string;
  readonly #read: () => void;
  #opened: Opened | null = null;
  #reason: string | null = null;
  #watch: FileWatch = () => undefined;

  /** `read` reads something: SQLite makes the other two files with the first read of a connection, and keeps them. */
  constructor(file: string, read: () => void) {
    this.#file = file;
    this.#read = read;
    this.#opened = this.#open();
  }

  watch(watch: FileWatch): void {
    this.#watch = watch;
    if (this.#reason !== null) watch(this.#reason);
  }

  /** Why commits would be lost, in a sentence that names no path; null while every file is the one that was opened. */
  change(): string | null {
    const before = this.#reason;
    this.#reason = this.#find();
    if ((before === null) !== (this.#reason === null)) this.#watch(this.#reason);
    return this.#reason;
  }

  /** Whether the log may be written into the file as it is closed: the file is ours, and no other log has the name of its own. */
  isOurs(): boolean {
    if (this.#opened === null) return true;
    const { parts, content } = this.#opened;
    const isKept = PARTS.every((part, index) => {
      const found = identityOf(this.#file + part);
      return found === parts[index] || (found === null && part !== '');
    });
    return isKept && !content.isOverwritten();
  }

  /** Null while a process holds the file alone, or it can't be read: then nothing can be committed either. */
  #open(): Opened | null {
    try {
      this.#read();
      const parts = PARTS.map((part) => identityOf(this.#file + part));
      return parts.includes(null) ? null : { parts, content: new FileContent(this.#file) };
    } catch {
      return null;
    }
  }

  #find(): string | null {
    this.#opened ??= this.#open();
    if (this.#opened === null) return null;
    const { parts, content } = this.#opened;
    for (const [index, part] of PARTS.entries()) {
      const found = identityOf(this.#file + part);
      if (found !== null && found === parts[index]) continue;
      const what = part === '' ? 'its file' : `its ${part} file`;
      const how = found === null ? 'was moved or deleted' : 'was replaced by another';
      return `${what} ${how} while it was open. ${adviceOn(part, found)}`;
    }
    if (!content.isOverwritten()) return null;
    return 'its file was overwritten while it was open. Stop Tierkeeper, put the right file there without its old -wal and -shm files, and start it again.';
  }
}

/**
 * The log holds the last commits. SQLite would write them into whatever file has the database's name; a log without a name is written
 * into the database as that is closed; one whose name another has taken is lost.
 */
function adviceOn(part: (typeof PARTS)[number], found: string | null): string {
  const back = 'Put the same file back';
  if (part === '')
    return `${back}. To go on with another: stop Tierkeeper, move the -wal and -shm files away from there, and start it again.`;
  if (part === '-wal' && found !== null) return `${back}: without it the last commits are lost.`;
  return `${back}, or stop Tierkeeper with SIGTERM, which keeps the last commits, and start it again.`;
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
