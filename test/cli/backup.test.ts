import { existsSync, linkSync, readdirSync, renameSync, rmSync, statSync, copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { givenKeys } from '../app/verify-ledger/rich-ledger.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { ANN } from '../support/given-principal.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileOf, givenDatabase, givenFile, givenServer, givenTokens, tell, tierkeeper } from './given-cli.ts';

const givenLedger = () => givenDatabase((app) => givenEligible(app));

describe('backup', () => {
  it('copies while a server runs, and a restored copy serves and verifies', async () => {
    const database = await givenLedger();
    const { server } = await givenServer({ ...database, ...givenTokens() });
    const out = join(tempFolder(), 'copy.db');
    const made = await tierkeeper(['backup', '--out', out, '--json'], database);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.json()).toMatchObject({ out, checkpoint: null, report: { sound: true } });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(out))).toEqual(['copy.db']);
    await tell(database, (app) => promote(app, ANN, 'eve'));
    const later = (await tierkeeper(['export'], database)).stdout.trim().split('\n').at(-1) ?? '';
    const { cursor } = JSON.parse(later) as { readonly cursor: string };

    server.process.kill('SIGTERM');
    await server.ended;
    const file = fileOf(database);
    renameSync(file, `${file}.before-restore`);
    for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
    copyFileSync(out, file);
    await givenServer({ ...database, ...givenTokens() });
    expect((await tierkeeper(['verify'], database)).code).toBe(0);
    const lost = await tierkeeper(['export', '--after', cursor], database);
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringMatching(/cursor/i)]);
  });

  it('signs a checkpoint beside the copy, which the copy agrees with', async () => {
    const database = await givenLedger();
    const keys = givenKeys();
    const out = join(tempFolder(), 'copy.db');
    const variables = { ...database, TIERKEEPER_SIGNING_KEY: keys.privatePem };
    expect((await tierkeeper(['backup', '--out', out], variables)).code).toBe(0);
    const against = [
      '--checkpoint',
      `${out}.checkpoint.json`,
      '--public-key',
      givenFile('public-key.pem', keys.publicPem),
    ];
    const held = await tierkeeper(['verify', ...against], { DATABASE_URL: `file:${out}` });
    expect(held.code).toBe(0);
  });

  it('refuses a missing database, a file that exists, and the database itself', async () => {
    const database = await givenLedger();
    const file = fileOf(database);
    const linked = join(dirname(file), 'link.db');
    linkSync(file, linked);
    for (const out of [file, linked, `${file}-wal`]) {
      expect((await tierkeeper(['backup', '--out', out], database)).code).toBe(2);
    }
    const absent = join(tempFolder(), 'absent.db');
    const out = join(tempFolder(), 'copy.db');
    expect((await tierkeeper(['backup', '--out', out], { DATABASE_URL: `file:${absent}` })).code).toBe(2);
    expect([existsSync(absent), existsSync(out)]).toEqual([false, false]);
  });
});
