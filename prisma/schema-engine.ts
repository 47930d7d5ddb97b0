import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { migrationsFolder, schemaText, type Provider } from './schemas.ts';

/** What the engine looks at on either side of a difference: no table is managed by anybody else. */
const EVERYTHING = { externalTables: [], externalEnums: [] };

// Node 20 has it; the types of ES2023 and of Node 20 don't say so.
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

/** The SQL that leads from the last migration of a provider to the schema; empty if they agree. */
export async function migrationSql(provider: Provider): Promise<string> {
  const shadow = shadows[provider]();
  const { stdout } = await withSchemaEngine(shadow, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrationList(provider) },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schemaText(provider) }] },
      script: true,
      exitCode: null,
      filters: EVERYTHING,
    }),
  );
  const script = stdout?.trim() ?? '';
  return script === '-- This is an empty migration.' ? '' : `${script}\n`;
}

/** Prisma's own schema engine over an adapter, to write and to check migrations with; whatever it opened is closed. */
export async function withSchemaEngine<T>(
  factory: SqlMigrationAwareDriverAdapterFactory,
  work: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  await (loaded ??= load());
  const opened: SqlDriverAdapter[] = [];
  const engine = await glue.SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(remembering(factory, opened)),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
    // The engine keeps its connections, and on SQLite an exclusive lock with them.
    for (const adapter of opened) await adapter.dispose();
  }
}

/** The migrations of a provider as the engine wants them. */
export function migrationList(provider: Provider): glue.MigrationList {
  const baseDir = migrationsFolder(provider);
  const names = existsSync(baseDir) ? readdirSync(baseDir).filter((name) => /^\d{14}_/.test(name)) : [];
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: `provider = "${provider}"\n` },
    shadowDbInitScript: '',
    migrationDirectories: names
      .sort()
      .map((path) => ({ path, migrationFile: migrationFile(join(baseDir, path)) })),
  };
}

/** A SQLite database that runs whole scripts, which the adapter's own `executeRaw` refuses. */
export function scriptableSqlite(url: string): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaBetterSqlite3({ url });
  const { provider, adapterName } = factory;
  const scriptable = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    const run = adapter.executeRaw.bind(adapter);
    const executeRaw: typeof run = (query) =>
      query.args.length > 0 ? run(query) : adapter.executeScript(query.sql).then(() => 0);
    return Object.assign(adapter, { executeRaw });
  };
  return {
    provider,
    adapterName,
    connect: async () => scriptable(await factory.connect()),
    connectToShadowDb: async () => scriptable(await factory.connectToShadowDb()),
  };
}

const shadows: Record<Provider, () => SqlMigrationAwareDriverAdapterFactory> = {
  sqlite: () => scriptableSqlite(':memory:'),
  postgresql: () => {
    throw new Error('Migrations for PostgreSQL need @prisma/adapter-pg and a server to replay them on.');
  },
};

let loaded: Promise<void> | undefined;

/** Instantiates the engine by hand, once: its own entry imports a `.wasm`, which Node 20 can't. */
async function load(): Promise<void> {
  const require = createRequire(import.meta.url);
  const wasm = join(require.resolve('@prisma/schema-engine-wasm'), '..', 'schema_engine_bg.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

function remembering(
  factory: SqlMigrationAwareDriverAdapterFactory,
  opened: SqlDriverAdapter[],
): SqlMigrationAwareDriverAdapterFactory {
  const { provider, adapterName } = factory;
  const remember = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    opened.push(adapter);
    return adapter;
  };
  return {
    provider,
    adapterName,
    connect: async () => remember(await factory.connect()),
    connectToShadowDb: async () => remember(await factory.connectToShadowDb()),
  };
}

function migrationFile(folder: string): glue.MigrationFile {
  const path = 'migration.sql';
  return { path, content: { tag: 'ok', value: readFileSync(join(folder, path), 'utf8') } };
}
