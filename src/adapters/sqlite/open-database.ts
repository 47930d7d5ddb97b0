import { resolve } from 'node:path';
import { SqliteDatabase } from './database.ts';
import { readGuards } from './guards.ts';
import { checkPages, inspectFile } from './file-damage.ts';
import { migrate, type Migrated } from './migrate.ts';
import { providerFolder } from './migrations.ts';

/** How to open a database file. */
export interface OpenOptions {
  /** What to do where there is no file: make one and its folder, or refuse, which is the default. */
  readonly absent?: 'create' | 'refuse';
  /** Whether every page is looked at first, which reads the whole file. */
  readonly checked?: boolean;
  /** How many milliseconds a transaction waits for other processes before it fails with StorageBusyError. */
  readonly patience?: number;
  /** Where the migrations and guards are, if not in this package. */
  readonly folder?: string;
}

/** An open database, and what opening it changed. */
export interface OpenedDatabase {
  readonly database: SqliteDatabase;
  readonly migrated: Migrated;
}

/**
 * Brings a database file up to this build and opens it. Blocks while another
 * process migrates.
 * @throws MigrationError
 */
export function openDatabase(file: string, options: OpenOptions = {}): OpenedDatabase {
  const { patience = 10_000, folder = providerFolder('sqlite') } = options;
  const path = resolve(file);
  inspectFile(path, options.absent ?? 'refuse');
  if (options.checked === true) checkPages(path);
  const migrated = migrate(path, { folder, patience });
  return { database: new SqliteDatabase(path, { patience, guards: readGuards(folder) }), migrated };
}
