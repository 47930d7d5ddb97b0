import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { ANN } from '../../support/given-principal.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { ask } from '../../server/ask.ts';
import { fileOf, givenDatabase, givenFile, givenServer, givenTokens, tierkeeper } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

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

/** The same without the page that a table begins with. */
async function givenWithout(table: string) {
  const variables = await givenDatabase((app) => givenEligible(app, 'eve'));
  const db = rawConnection(fileOf(variables));
  const root = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table) as number;
  db.close();
  const file = fileOf(variables);
  const bytes = readFileSync(file);
  const size = bytes.readUInt16BE(16);
  writeFileSync(file, bytes.fill(0, (root - 1) * size, root * size));
  return { file };
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

describe('a database with a page that is found damaged while it is used', () => {
  it('is told by the server as damaged, to nobody’s trying again, and makes it unready', async () => {
    const { file } = await givenWithout('runs');
    const database = { DATABASE_URL: `file:${file}` };
    const { url, remote } = await givenServer({ ...database, ...givenTokens() });
    const ready = () => fetch(new URL('/readyz', url));
    expect((await ready()).status).toBe(200);
    const query = '{ agent(agentId: "eve") { runs(first: 1) { nodes { runId } } } }';
    const { errors } = await ask({ url }, query, { token: 't-val' });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('The database is damaged') as unknown,
      extensions: { code: 'STORAGE_UNAVAILABLE', retryable: false, retryAfterMs: null },
    });
    const unready = await ready();
    expect(unready.status).toBe(503);
    expect(await unready.json()).toMatchObject({
      checks: { database: 'The database is damaged. See the log.' },
    });
    const told = await tierkeeper(['graphql', givenFile('runs.graphql', query)], {
      ...remote,
      TIERKEEPER_TOKEN: 't-val',
    });
    expect([told.code, told.stdout + told.stderr]).toEqual([2, expect.stringContaining('is damaged')]);
  });

  it('is not backed up: the file that is damaged is named, and nothing is left', async () => {
    for (const table of ['violations', 'texts']) {
      const { file } = await givenWithout(table);
      const out = join(tempFolder(), 'backup.db');
      const { code, stdout } = await piped(['backup', '--out', out, '--json'], {
        DATABASE_URL: `file:${file}`,
      });
      expect([table, code, readdirSync(dirname(out))]).toEqual([table, 2, []]);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: 'DAMAGED', message: expect.stringContaining(`The database ${file} `) as unknown },
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
