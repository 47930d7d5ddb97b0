import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One migration of this build. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, as `prisma migrate deploy` records it. */
  readonly checksum: string;
}

/** Where a provider's migrations and guards are: below the package's root, in the sources and in a bundle alike. */
export function providerFolder(provider: 'sqlite' | 'postgresql'): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackageRoot(folder)) {
    if (folder === dirname(folder)) throw new Error('The folder of the package tierkeeper was not found.');
    folder = dirname(folder);
  }
  return join(folder, 'prisma', provider);
}

/** The migrations of a provider's folder, oldest first. */
export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(join(folder, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return names.map((name) => {
    const sql = readFileSync(join(folder, 'migrations', name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: sha256(sql) };
  });
}

/** Whether a recorded checksum is a migration's, whatever the line endings of either checkout. */
export function isChecksumOf(checksum: string, { sql }: Migration): boolean {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].some((text) => sha256(text) === checksum);
}

function isPackageRoot(folder: string): boolean {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return false;
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly name?: string }).name === 'tierkeeper';
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
