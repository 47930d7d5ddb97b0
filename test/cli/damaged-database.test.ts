import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../src/adapters/prisma/ledger-archive.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { ANN } from '../support/given-principal.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileOf, givenDatabase } from './given-cli.ts';
import { piped } from './in-this-process.ts';

/** The bytes of a small ledger that was closed cleanly, and the size of its pages. */
async function givenPages() {
  const variables = await givenDatabase(async (app) => {
    await givenEligible(app, 'eve');
    await givenEligible(app, 'bob', 'T2');
    await promote(app, ANN, 'eve');
  });
  const bytes = readFileSync(fileOf(variables));
  const size = bytes.readUInt16BE(16);
  const without = (page: number) => {
    const file = join(tempFolder(), 'tierkeeper.db');
    writeFileSync(file, Buffer.from(bytes).fill(0, page * size, (page + 1) * size));
    return file;
  };
  return { pages: bytes.length / size, without };
}

describe('a database with a zeroed page', () => {
  it('is damaged to a verification, whichever page it is', async () => {
    const { pages, without } = await givenPages();
    expect(pages).toBeGreaterThan(30);
    for (let page = 0; page < pages; page += 1) {
      const verified = verifyLedger(openLedgerArchive(without(page), { checked: true }));
      await expect(verified, `page ${page}`).rejects.toMatchObject({ code: 'DAMAGED' });
    }
  });

  it('is told as damaged by every command that meets the page, with 2 and never as busy', async () => {
    const { pages, without } = await givenPages();
    for (let page = 0; page < pages; page += 9)
      for (const args of [['verify'], ['export']]) {
        const { code, stdout } = await piped([...args, '--json'], {
          DATABASE_URL: `file:${without(page)}`,
        });
        if (args[0] === 'export' && code === 0) continue;
        expect([page, args, code]).toEqual([page, args, 2]);
        expect(stdout).not.toMatch(/INTERNAL|busy|again/);
        expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
          error: { code: 'DAMAGED' },
        });
      }
  });
});

describe('a database of 0 bytes', () => {
  it.each(['verify', 'export', 'eligible', 'checkpoint'])(
    'is said to be empty by %s, which ends with 2',
    async (command) => {
      const file = join(tempFolder(), 'tierkeeper.db');
      writeFileSync(file, '');
      const key = generateKeyPairSync('ed25519')
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
      const { code, stderr } = await piped([command], {
        DATABASE_URL: `file:${file}`,
        TIERKEEPER_SIGNING_KEY: key,
      });
      expect([code, stderr]).toEqual([2, expect.stringContaining('the file is empty: 0 bytes')]);
      expect(readFileSync(file)).toHaveLength(0);
    },
  );
});
