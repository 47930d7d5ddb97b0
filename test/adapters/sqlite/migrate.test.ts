import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationList, scriptableSqlite, withSchemaEngine } from '../../../prisma/schema-engine.ts';
import { migrate } from '../../../src/adapters/sqlite/migrate.ts';
import { providerFolder, readMigrations } from '../../../src/adapters/sqlite/migrations.ts';
import { openDatabase } from '../../../src/adapters/sqlite/open-database.ts';
import { startTogether, typescript } from '../../support/process.ts';
import { givenEntries, rawConnection } from '../../support/temp-database.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SHIPPED = readMigrations(providerFolder('sqlite')).map(({ name }) => name);
const FILTERS = { externalTables: [], externalEnums: [] };

/** A copy of the shipped migrations and guards, with more of them. */
function givenFolder(more: Readonly<Record<string, string>>): string {
  const folder = join(tempFolder(), 'sqlite');
  cpSync(providerFolder('sqlite'), folder, { recursive: true });
  for (const [name, sql] of Object.entries(more)) addMigration(folder, name, sql);
  return folder;
}

function addMigration(folder: string, name: string, sql: string): void {
  mkdirSync(join(folder, 'migrations', name), { recursive: true });
  writeFileSync(join(folder, 'migrations', name, 'migration.sql'), sql);
}

function givenDatabase(): string {
  const file = join(tempFolder(), 'tierkeeper.db');
  migrate(file);
  return file;
}

describe('bringing a database up to this build', { timeout: 60_000 }, () => {
  test('makes the folder, the file and everything in it, and then finds nothing to do', () => {
    const file = join(tempFolder(), 'some', 'folder', 'tierkeeper.db');
    expect(migrate(file)).toEqual({ applied: SHIPPED, restored: [] });
    expect(migrate(file)).toEqual({ applied: [], restored: [] });
    const head = rawConnection(file).prepare('SELECT * FROM ledger_head').all();
    expect(head).toEqual([
      expect.objectContaining({ id: 1, seq: 0, hash: '0'.repeat(64), recorded_at: 0, policy_digest: null }),
    ]);
  });

  test('works for many processes that start at once on one file, and applies each migration once', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const ended = await startTogether(6, typescript('test/adapters/sqlite/processes/migrate.ts', file));
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      ended.map(() => ({ code: 0, stderr: '' })),
    );
    const answers = ended.map(
      ({ stdout }) => JSON.parse(stdout.split('\n')[1] ?? '') as { applied: string[] },
    );
    expect(answers.flatMap(({ applied }) => applied)).toEqual(SHIPPED);
    const rows = rawConnection(file).prepare('SELECT migration_name FROM _prisma_migrations').pluck().all();
    expect(rows).toEqual(SHIPPED);
  });

  test('writes nothing when nothing is pending, even while another process writes', () => {
    const file = givenDatabase();
    const other = rawConnection(file);
    other.exec('BEGIN IMMEDIATE');
    expect(migrate(file, { patience: 0 })).toEqual({ applied: [], restored: [] });
  });

  test('rebuilds a table that others refer to, with its rows, and puts its guards back', () => {
    const file = givenDatabase();
    const connection = rawConnection(file);
    givenEntries(connection, 1, 2);
    connection.exec(`
      INSERT INTO runs (seq, agent_id, run_id, started_at, finished_at, recorded_at, recorded_by_key, compliant, sent_digest)
      VALUES (2, 'a', 'r', 0, 0, 0, 'p', 1, 'd')`);
    const create = connection
      .prepare(`SELECT sql FROM sqlite_master WHERE name = 'ledger_entries'`)
      .pluck()
      .get() as string;
    const rebuild = `
      PRAGMA foreign_keys=OFF;
      ${create.replace('"ledger_entries"', '"new_ledger_entries"')};
      INSERT INTO new_ledger_entries SELECT * FROM ledger_entries;
      DROP TABLE ledger_entries;
      ALTER TABLE new_ledger_entries RENAME TO ledger_entries;
      PRAGMA foreign_keys=ON;`;
    const folder = givenFolder({ '99990101000000_rebuild': rebuild });
    const { database, migrated } = openDatabase(file, { absent: 'create', folder });
    expect(migrated.applied).toEqual(['99990101000000_rebuild']);
    expect(database.faults()).toEqual([]);
    expect(connection.prepare('SELECT seq FROM ledger_entries').pluck().all()).toEqual([1, 2]);
    expect(connection.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(1);
    expect(() => connection.exec('DELETE FROM ledger_entries')).toThrow('append-only');
    return database.close();
  });

  test('undoes every pending migration if one fails, and names it', () => {
    const file = givenDatabase();
    const folder = givenFolder({
      '99990101000000_good': 'CREATE TABLE good (id TEXT);',
      '99990102000000_bad': 'CREATE TABLE half (id TEXT); INSERT INTO nowhere VALUES (1);',
    });
    expect(() => migrate(file, { folder })).toThrow(
      expect.objectContaining({
        detail: 'FAILED',
        message: expect.stringContaining('99990102000000_bad') as string,
      }),
    );
    expect(
      rawConnection(file).prepare(`SELECT name FROM sqlite_master WHERE name IN ('good', 'half')`).all(),
    ).toEqual([]);
    expect(migrate(file)).toEqual({ applied: [], restored: [] });
  });

  test('undoes a migration that leaves a reference to nothing', () => {
    const file = givenDatabase();
    const folder = givenFolder({
      '99990101000000_orphan': `INSERT INTO recorders (agent_id, principal_key) VALUES ('nobody', 'nobody');`,
    });
    expect(() => migrate(file, { folder })).toThrow(expect.objectContaining({ detail: 'FAILED' }));
    expect(rawConnection(file).prepare('SELECT * FROM recorders').all()).toEqual([]);
  });

  test('puts back what `prisma migrate deploy` leaves out, and says so', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    await withSchemaEngine(scriptableSqlite(file), (engine) =>
      engine.applyMigrations({ migrationsList: migrationList('sqlite'), filters: FILTERS }),
    );
    const { applied, restored } = migrate(file);
    expect(applied).toEqual([]);
    expect(restored).toContain('ledger_entries_no_update');
    expect(migrate(file)).toEqual({ applied: [], restored: [] });
  });

  test('leaves a database with which `prisma migrate deploy` finds nothing to do', async () => {
    const file = givenDatabase();
    const migrationsList = migrationList('sqlite');
    await withSchemaEngine(scriptableSqlite(file), async (engine) => {
      const looking = { migrationsList, optInToShadowDatabase: false, filters: FILTERS };
      expect(await engine.diagnoseMigrationHistory(looking)).toMatchObject({
        editedMigrationNames: [],
        failedMigrationNames: [],
        hasMigrationsTable: true,
        history: null,
      });
      const applied = await engine.applyMigrations({ migrationsList, filters: FILTERS });
      expect(applied).toEqual({ appliedMigrationNames: [] });
    });
  });

  test('accepts a checkout with other line endings', () => {
    const folder = givenFolder({});
    for (const name of SHIPPED) {
      const path = join(folder, 'migrations', name, 'migration.sql');
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'));
    }
    expect(migrate(givenDatabase(), { folder })).toEqual({ applied: [], restored: [] });
  });
});

describe('a database that this build can’t use is refused, and left as it is', () => {
  const refused = (file: string, detail: string, options: Parameters<typeof migrate>[1] = {}) => {
    expect(() => migrate(file, options)).toThrow(
      expect.objectContaining({ detail, message: expect.stringContaining(file) as string }),
    );
  };

  test('because a newer build has used it', () => {
    const file = givenDatabase();
    migrate(file, { folder: givenFolder({ '99990101000000_later': 'CREATE TABLE later (id TEXT);' }) });
    refused(file, 'NEWER');
  });

  test('because a migration has changed since', () => {
    const folder = givenFolder({});
    addMigration(folder, SHIPPED[0] ?? '', 'CREATE TABLE something_else (id TEXT);');
    refused(givenDatabase(), 'CHANGED', { folder });
  });

  test('because another tool’s migration failed', () => {
    const file = givenDatabase();
    rawConnection(file).exec('UPDATE _prisma_migrations SET finished_at = NULL');
    refused(file, 'FAILED_BEFORE');
  });

  test('because it belongs to something else', () => {
    const file = join(tempFolder(), 'other.db');
    const other = rawConnection(file);
    other.exec('CREATE TABLE customers (id TEXT)');
    refused(file, 'FOREIGN');
    expect(other.pragma('journal_mode', { simple: true })).toBe('delete');
  });

  test('because it is no database', () => {
    const file = join(tempFolder(), 'notes.txt');
    writeFileSync(file, 'These are notes and not a database. '.repeat(100));
    refused(file, 'NOT_A_DATABASE');
    expect(readFileSync(file, 'utf8')).toMatch(/^These are notes/);
  });

  test('because it is a folder', () => {
    refused(tempFolder(), 'IS_A_FOLDER');
  });

  test('because its folder is a file', () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    refused(join(file, 'tierkeeper.db'), 'CANNOT_OPEN');
  });

  test('because somebody holds its lock', () => {
    const file = givenDatabase();
    rawConnection(file).exec('BEGIN IMMEDIATE');
    refused(file, 'LOCKED', { patience: 30, folder: givenFolder({ '99990101000000_more': 'SELECT 1;' }) });
  });
});
