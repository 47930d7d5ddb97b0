import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { missingGuards, type Guards } from './guards.ts';
import { BLOCKING_WAIT } from './retry-busy.ts';
import { storageFaultOf } from './storage-faults.ts';

/** A connection beside Prisma's that only looks: whether anybody has committed, and whether the file is as it should be. */
export class Probe {
  readonly #db: Database;
  readonly #dataVersion: Statement;
  readonly #guards: Guards;

  constructor(file: string, guards: Guards) {
    this.#db = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: BLOCKING_WAIT });
    this.#db.pragma('temp_store = MEMORY');
    this.#dataVersion = this.#db.prepare('PRAGMA data_version').pluck();
    this.#guards = guards;
  }

  /** Reads something, which makes SQLite open every file of the database. */
  read(): void {
    this.#db.prepare('SELECT count(*) FROM sqlite_schema').get();
  }

  /** @throws StorageBusyError, StorageUnavailableError */
  dataVersion(): number {
    return looking(() => this.#dataVersion.get() as number);
  }

  /**
   * In sentences.
   * @throws StorageBusyError, StorageUnavailableError
   */
  faults(): readonly string[] {
    return looking(() => {
      const mode = this.#db.pragma('journal_mode', { simple: true });
      const guards = missingGuards(this.#db, this.#guards).map(
        (name) => `The guard ${name} is missing or altered.`,
      );
      return mode === 'wal' ? guards : ['The database is not in WAL mode.', ...guards];
    });
  }

  close(): void {
    this.#db.close();
  }
}

function looking<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw storageFaultOf(error) ?? error;
  }
}
