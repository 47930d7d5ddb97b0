import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { givenKeys } from '../../app/proof/rich-ledger.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { memoryFolder } from '../../support/memory-folder.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { ask } from '../../server/ask.ts';
import { ANN } from '../../support/given-principal.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import {
  fileOf,
  givenDatabase,
  givenFile,
  givenServer,
  givenTokens,
  starting,
  tell,
  tierkeeper,
} from '../given-cli.ts';

const RECORD = `mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { ... on RunsRecorded { recorded } } }`;

async function record(url: string, runId: string) {
  const at = new Date().toISOString();
  const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
  const runs = [{ agentId: 'eve', runId, startedAt: at, finishedAt: at, actions: [action] }];
  const { data, code } = await ask({ url }, RECORD, { token: 't-runner', variables: { runs } });
  return code ?? data?.recordRuns;
}

const givenLedger = () => givenDatabase((app) => givenEligible(app));

describe('backup', () => {
  it('copies while a server runs, and a restored copy serves and verifies', async () => {
    const database = await givenLedger();
    const { server, url } = await givenServer({ ...database, ...givenTokens() });
    const out = join(tempFolder(), 'copy.db');
    const state = { isMade: false };
    const making = tierkeeper(['backup', '--out', out, '--json'], database).finally(
      () => (state.isMade = true),
    );
    for (let run = 0; !state.isMade; run += 1)
      expect(await record(url, `beside-${run}`)).toEqual({ recorded: 1 });
    const made = await making;
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.json()).toMatchObject({ out, checkpoint: null, report: { sound: true } });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(out))).toEqual(['copy.db']);
    await tell(database, (app) => promote(app, ANN, 'eve'));
    const keys = givenKeys();
    const newer = join(tempFolder(), 'checkpoint.json');
    const signing = { ...database, TIERKEEPER_SIGNING_KEY: keys.privatePem };
    expect((await tierkeeper(['checkpoint', '--out', newer], signing)).code).toBe(0);
    const later = (await tierkeeper(['export'], database)).stdout.trim().split('\n').at(-1) ?? '';
    const { cursor } = JSON.parse(later) as { readonly cursor: string };
    expect(await record(url, 'beside-commands')).toEqual({ recorded: 1 });

    server.process.kill('SIGTERM');
    await server.ended;
    const file = fileOf(database);
    renameSync(file, `${file}.before-restore`);
    for (const part of ['-wal', '-shm']) rmSync(file + part, { force: true });
    copyFileSync(out, file);
    await givenServer({ ...database, ...givenTokens() });
    expect((await tierkeeper(['verify'], database)).code).toBe(0);
    const publicKey = givenFile('public-key.pem', keys.publicPem);
    const held = await tierkeeper(['verify', '--checkpoint', newer, '--public-key', publicKey], database);
    expect([held.code, held.stdout]).toEqual([1, expect.stringContaining('CHECKPOINT')]);
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
    const taken = givenFile('taken.db', 'other');
    const dangling = join(dirname(taken), 'dangling.db');
    symlinkSync(join(dirname(taken), 'nowhere.db'), dangling);
    const answers = [file, linked, `${file}-wal`, taken, dangling, join(taken, 'copy.db')].map((out) =>
      tierkeeper(['backup', '--out', out, '--json'], database),
    );
    for (const { code, stdout, stderr } of await Promise.all(answers)) {
      expect([code, stderr, JSON.parse(stdout)]).toMatchObject([2, '', { error: { code: 'BACKUP' } }]);
    }
    expect(readdirSync(dirname(taken)).sort()).toEqual(['dangling.db', 'taken.db']);
    const absent = join(tempFolder(), 'absent.db');
    const out = join(tempFolder(), 'copy.db');
    expect((await tierkeeper(['backup', '--out', out], { DATABASE_URL: `file:${absent}` })).code).toBe(2);
    expect([existsSync(absent), existsSync(out)]).toEqual([false, false]);
  });

  it('keeps nothing of a ledger that is not sound, and ends with 1', async () => {
    const database = await givenLedger();
    rawConnection(fileOf(database)).exec('DROP TRIGGER runs_no_update');
    const out = join(tempFolder(), 'copy.db');
    const { code, stdout } = await tierkeeper(['backup', '--out', out, '--json'], database);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { out: null, report: { sound: false } }]);
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it.each([
    ['SIGINT', 3, /^$/],
    ['SIGTERM', 3, /^$/],
    ['SIGKILL', null, /^copy\.db\.partial-\S+$/],
  ] as const)(
    'that is stopped by %s leaves no file with the name of a backup',
    async (signal, code, left) => {
      const database = { DATABASE_URL: `file:${join(memoryFolder(), 'tierkeeper.db')}` };
      await tell(database, (app) => givenEligible(app));
      // Enough to copy that it is stopped on the way.
      rawConnection(fileOf(database)).exec('CREATE TABLE _room AS SELECT zeroblob(160000000) AS room');
      const folder = memoryFolder();
      const started = starting(['backup', '--out', join(folder, 'copy.db')], database);
      const watching = watch(folder, () => {
        watching.close();
        started.process.kill(signal);
      });
      onTestFinished(() => watching.close());
      const ended = await started.ended;
      watching.close();
      expect(ended.code).toBe(code);
      expect(
        readdirSync(folder)
          .filter((name) => !name.endsWith('-journal'))
          .join(),
      ).toMatch(left);
    },
  );

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'says that the disk is full, and leaves nothing',
    async () => {
      const database = await givenLedger();
      const folder = tempFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]);
      onTestFinished(() => {
        execFileSync('umount', ['--lazy', folder]);
      });
      const { code, stderr } = await tierkeeper(['backup', '--out', join(folder, 'copy.db')], database);
      expect([code, stderr]).toEqual([3, expect.stringContaining('the disk is full')]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
