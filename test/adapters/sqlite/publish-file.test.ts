import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publishFile } from '../../../src/adapters/sqlite/publish-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** As a file system without hard links answers. */
function noLink(): never {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
}

function givenCopy() {
  const folder = tempFolder();
  const file = join(folder, 'copy.partial');
  writeFileSync(file, 'copy');
  return { folder, file, out: join(folder, 'copy') };
}

describe.each([
  ['with', undefined],
  ['without', noLink],
] as const)('publishing a file %s hard links', (_how, link) => {
  test('gives it its name', () => {
    const { folder, file, out } = givenCopy();
    publishFile(file, out, link);
    expect([readdirSync(folder), readFileSync(out, 'utf8')]).toEqual([['copy'], 'copy']);
  });

  test('replaces no other file', () => {
    const { file, out } = givenCopy();
    writeFileSync(out, 'other');
    expect(() => publishFile(file, out, link)).toThrow('EEXIST');
    expect([readFileSync(file, 'utf8'), readFileSync(out, 'utf8')]).toEqual(['copy', 'other']);
  });
});
