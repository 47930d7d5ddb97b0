// Development only: `npm run migrate -- NAME [sqlite|postgresql]` writes the migration from the last one to the schema.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrationSql } from './schema-engine.ts';
import { migrationsFolder, type Provider } from './schemas.ts';

const [name, provider = 'sqlite'] = process.argv.slice(2);
if (name === undefined || !/^[a-z0-9_]+$/.test(name) || !isProvider(provider)) {
  throw new Error('Usage: npm run migrate -- NAME [sqlite|postgresql], where NAME is like add_owner.');
}
const path = await writeMigration(provider, name);
console.log(
  path === null
    ? 'The migrations lead to the schema already.'
    : `Wrote ${path}. Read it before you commit it.`,
);

async function writeMigration(provider: Provider, name: string): Promise<string | null> {
  const sql = await migrationSql(provider);
  if (sql === '') return null;
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(migrationsFolder(provider), `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(migrationsFolder(provider), 'migration_lock.toml'), `provider = "${provider}"\n`);
  writeFileSync(join(folder, 'migration.sql'), sql);
  return join(folder, 'migration.sql');
}

function isProvider(value: string): value is Provider {
  return value === 'sqlite' || value === 'postgresql';
}
