import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { applyGuards, missingGuards, readGuards, type Guards } from './guards.ts';
import { MigrationError, migrationErrorOf } from './migration-error.ts';
import { isChecksumOf, providerFolder, readMigrations, type Migration } from './migrations.ts';

/** Where the migrations are, and how many milliseconds to wait, blocking, while another process migrates. */
export interface MigrateOptions {
  readonly folder?: string | undefined;
  readonly patience?: number | undefined;
}

/** What was done: the migrations applied, and the guards that were gone or altered though no migration was pending. */
export interface Migrated {
  readonly applied: readonly string[];
  readonly restored: readonly string[];
}

const NOTHING: Migrated = { applied: [], restored: [] };

/** As `prisma migrate deploy` makes it, so that either can go on where the other stopped. */
const RECORDS = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/**
 * Brings a database file up to this build, making it if there is none. Looks first, and writes only if something is
 * missing; any number of processes may do this at once. Blocks: it is for the start, before anything is served.
 * @throws MigrationError
 */
export function migrate(
  file: string,
  { folder = providerFolder('sqlite'), patience = 10_000 }: MigrateOptions = {},
): Migrated {
  const migrations = readMigrations(folder);
  const guards = readGuards(folder);
  let db: Database | undefined;
  try {
    assertWritable(file);
    makeFolder(dirname(file));
    db = new SqliteDatabase(file, { timeout: patience });
    db.pragma('temp_store = MEMORY');
    const pending = pendingMigrations(db, migrations, file);
    enableWal(db, file, patience);
    if (pending.length === 0 && missingGuards(db, guards).length === 0) return NOTHING;
    return applyPending(db, { migrations, guards, file });
  } catch (error) {
    throw migrationErrorOf(error, file);
  } finally {
    db?.close();
  }
}

/** Node's own recursive mkdir never ends where a folder can't be made in one that is there, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it in between.
    if (!existsSync(folder)) throw error;
  }
}

/** SQLite opens a file that it may not write as well, and would fail later. */
function assertWritable(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isDirectory()) throw new MigrationError('IS_A_FOLDER', file);
  if (!stats.isFile()) throw new MigrationError('NOT_A_FILE', file);
  try {
    accessSync(file, constants.W_OK);
  } catch (cause) {
    throw new MigrationError('READ_ONLY', file, { cause });
  }
}

/** In rollback-journal mode one SQLITE_BUSY at a commit would poison Prisma's connection for good. */
function enableWal(db: Database, file: string, patience: number): void {
  const mode = blockingRetry(patience, () => db.pragma('journal_mode = WAL', { simple: true }));
  if (mode !== 'wal') throw new MigrationError('NO_WAL', file);
  db.pragma('synchronous = FULL');
}

function applyPending(
  db: Database,
  { migrations, guards, file }: { migrations: readonly Migration[]; guards: Guards; file: string },
): Migrated {
  // Rebuilding a table drops it while others refer to it; inside a transaction this setting can't change.
  db.pragma('foreign_keys = OFF');
  const apply = db.transaction((): Migrated => {
    const pending = pendingMigrations(db, migrations, file);
    db.exec(RECORDS);
    for (const migration of pending) applyMigration(db, migration, file);
    const missing = applyGuards(db, guards);
    const broken = pending.length > 0 && (db.pragma('foreign_key_check') as unknown[]).length > 0;
    if (broken) throw new MigrationError('FAILED', file, { migration: pending.at(-1)?.name });
    return { applied: pending.map(({ name }) => name), restored: pending.length > 0 ? [] : missing };
  });
  return apply.immediate();
}

function applyMigration(db: Database, { name, sql, checksum }: Migration, file: string): void {
  try {
    db.exec(sql);
  } catch (cause) {
    throw new MigrationError('FAILED', file, { migration: name, cause });
  }
  const now = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
  db.prepare(
    `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
     VALUES (lower(hex(randomblob(16))), ?, ${now}, ?, ${now}, 1)`,
  ).run(checksum, name);
}

interface MigrationRecord {
  readonly name: string;
  readonly checksum: string;
  readonly finished: 0 | 1;
}

/**
 * Makes sure that a database is of this build, and changes nothing.
 * @throws MigrationError
 */
export function assertMigrated(db: Database, migrations: readonly Migration[], file: string): void {
  const [pending] = pendingMigrations(db, migrations, file);
  if (pending !== undefined) throw new MigrationError('PENDING', file, { migration: pending.name });
}

/** The migrations that a database lacks. Only reads. */
function pendingMigrations(
  db: Database,
  migrations: readonly Migration[],
  file: string,
): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const records = migrationRecords(db, file);
  for (const { name, checksum, finished } of records) {
    const migration = known.get(name);
    if (finished === 0) throw new MigrationError('FAILED_BEFORE', file, { migration: name });
    if (migration === undefined) throw new MigrationError('NEWER', file, { migration: name });
    if (!isChecksumOf(checksum, migration)) throw new MigrationError('CHANGED', file, { migration: name });
  }
  const applied = new Set(records.map(({ name }) => name));
  return migrations.filter(({ name }) => !applied.has(name));
}

function migrationRecords(db: Database, file: string): readonly MigrationRecord[] {
  const tables = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).pluck().all() as string[];
  if (!tables.includes('_prisma_migrations')) {
    // Replication tools and SQLite itself keep tables of their own.
    if (tables.some((name) => !/^(_|sqlite_)/.test(name))) throw new MigrationError('FOREIGN', file);
    return [];
  }
  return db
    .prepare(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY migration_name`,
    )
    .all() as MigrationRecord[];
}

/** SQLite does not wait for the lock that changes the journal mode. */
function blockingRetry<T>(patience: number, attempt: () => T): T {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += 10) {
    try {
      return attempt();
    } catch (error) {
      if (waited >= patience || !(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'))
        throw error;
      Atomics.wait(clock, 0, 0, 10);
    }
  }
}
