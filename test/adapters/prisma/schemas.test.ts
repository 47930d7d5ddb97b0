import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationSql } from '../../../prisma/schema-engine.ts';
import { schemaText } from '../../../prisma/schemas.ts';
import { start } from '../../support/process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const BIN = join(import.meta.dirname, '../../../node_modules/.bin');

/** Prisma's command with nothing to download from. */
function prismaOffline(...args: readonly string[]) {
  const nowhere = 'http://127.0.0.1:1';
  return start([join(BIN, 'prisma'), ...args], {
    PATH: [BIN, process.env.PATH].join(delimiter),
    PRISMA_ENGINES_MIRROR: nowhere,
    HTTPS_PROXY: nowhere,
    HTTP_PROXY: nowhere,
  }).ended;
}

function givenSchema(provider: 'sqlite' | 'postgresql'): { readonly root: string; readonly path: string } {
  const root = tempFolder();
  const path = join(root, 'schemas', `${provider}.prisma`);
  mkdirSync(join(root, 'schemas'));
  writeFileSync(path, schemaText(provider));
  return { root, path };
}

describe('one schema source', { timeout: 60_000 }, () => {
  test('gives a client and the Pothos types without a network', async () => {
    const { root, path } = givenSchema('sqlite');
    const { code, stderr } = await prismaOffline('generate', '--schema', path);
    expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
    expect(existsSync(join(root, 'prisma', 'client.ts'))).toBe(true);
    expect(existsSync(join(root, 'pothos.ts'))).toBe(true);
  });

  test('holds for PostgreSQL too', async () => {
    const { path } = givenSchema('postgresql');
    const { code, stdout } = await prismaOffline('validate', '--schema', path);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('is valid') as string });
  });

  test('is where the migrations for SQLite lead', async () => {
    expect(await migrationSql('sqlite')).toBe('');
  });
});
