import { resolve } from 'node:path';
import { Database } from './database.ts';
import { readGuards } from './guards.ts';
import { migrate, type Migrated } from './migrate.ts';
import { providerFolder } from './migrations.ts';

/** How to open a database file. */
export interface OpenOptions {
  /** How many milliseconds a transaction waits for other processes before it fails with StorageBusyError. */
  readonly patience?: number;
  /** Where the migrations and guards are, if not in this package. */
  readonly folder?: string;
}

/** An open database, and what opening it changed. */
export interface OpenedDatabase {
  readonly database: Database;
  readonly migrated: Migrated;
}

/**
 * Brings a database file up to this build, making it and its folder if there is none, and opens it. Blocks while another
 * process migrates.
 * @throws MigrationError
 */
export function openDatabase(file: string, options: OpenOptions = {}): OpenedDatabase {
  const { patience = 10_000, folder = providerFolder('sqlite') } = options;
  const path = resolve(file);
  const migrated = migrate(path, { folder, patience });
  return { database: new Database(path, { patience, guards: readGuards(folder) }), migrated };
}
