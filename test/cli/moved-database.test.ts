// A server whose database is moved, deleted or replaced while it runs, and one that may write nothing but its data folder.
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ask } from '../server/ask.ts';
import { start } from '../support/process.ts';
import {
  fileOf,
  givenDatabase,
  givenServer,
  givenTokens,
  printed,
  tierkeeper,
  type Variables,
} from './given-cli.ts';
import { join } from 'node:path';

const RECORD = `mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { ... on RunsRecorded { recorded } } }`;

async function record(url: string, runId: string) {
  const at = new Date().toISOString();
  const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
  const runs = [{ agentId: 'eve', runId, startedAt: at, finishedAt: at, actions: [action] }];
  const { data, code } = await ask({ url }, RECORD, { token: 't-runner', variables: { runs } });
  return code ?? data?.recordRuns;
}

async function readyz(url: string) {
  const response = await fetch(new URL('/readyz', url));
  const body = (await response.json()) as { readonly checks: { readonly database: string } };
  return [response.status, body.checks.database] as const;
}

async function givenRecorder(variables: Variables) {
  const given = await givenServer({ ...variables, ...givenTokens() });
  expect(await record(given.url, 'before')).toEqual({ recorded: 1 });
  return given;
}

const ways: readonly (readonly [string, RegExp, (file: string) => void])[] = [
  ['is deleted', /its file was moved or deleted/, (file) => rmSync(file)],
  ['is moved away', /its file was moved or deleted/, (file) => renameSync(file, `${file}.old`)],
  [
    'is replaced by another',
    /its file was replaced by another/,
    (file) => {
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
  ],
  ['loses its write-ahead log', /its -wal file was moved or deleted/, (file) => rmSync(`${file}-wal`)],
  ['loses its shared memory', /its -shm file was moved or deleted/, (file) => rmSync(`${file}-shm`)],
];

describe('a server whose database', () => {
  it.each(ways)('%s refuses commands and says why in /readyz', async (_what, why, change) => {
    const variables = await givenDatabase();
    const { url } = await givenRecorder(variables);
    change(fileOf(variables));
    expect(await readyz(url)).toEqual([503, expect.stringMatching(why)]);
    expect(await record(url, 'lost')).toBe('STORAGE_UNAVAILABLE');
  });

  it('is moved away and back goes on without a restart', async () => {
    const variables = await givenDatabase();
    const { url } = await givenRecorder(variables);
    const file = fileOf(variables);
    renameSync(file, `${file}.old`);
    expect(await record(url, 'again')).toBe('STORAGE_UNAVAILABLE');
    renameSync(`${file}.old`, file);
    expect(await record(url, 'again')).toEqual({ recorded: 1 });
    await vi.waitFor(async () => expect(await readyz(url)).toEqual([200, 'ok']));
  });

  it('was replaced leaves the file and the log of a second server alone when it stops', async () => {
    const variables = await givenDatabase();
    const first = await givenRecorder(variables);
    const file = fileOf(variables);
    for (const part of ['', '-wal', '-shm']) rmSync(file + part);
    const second = await givenRecorder(variables);
    const log = readFileSync(`${file}-wal`);
    first.server.process.kill('SIGTERM');
    await first.server.ended;
    expect(readFileSync(`${file}-wal`).equals(log)).toBe(true);
    expect(await record(second.url, 'after')).toEqual({ recorded: 1 });
    expect((await tierkeeper(['verify'], variables)).code).toBe(0);
  });
});

const MAIN = join(import.meta.dirname, '../../dist/main.js');

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'a server on a read-only root',
  () => {
    it('records without writing outside its data folder', async () => {
      const variables = await givenDatabase(() => Promise.resolve());
      const folder = join(fileOf(variables), '..');
      const script = `set -e; mount --bind ${folder} /mnt
      for d in /tmp /var/tmp /usr/tmp; do
        if [ -d $d ]; then mount --bind $d $d; mount -o remount,bind,ro $d; fi
      done
      cd /proc; exec "$0" "$@"`;
      const env = { ...variables, ...givenTokens(), DATABASE_URL: 'file:/mnt/tierkeeper.db', PORT: '0' };
      const command = ['unshare', '-m', 'sh', '-c', script, process.execPath, MAIN, 'serve'];
      const serving = start(command, env);
      const [, url = ''] = await printed(serving, /listens on (\S+)/);
      expect(await record(url, 'hardened')).toEqual({ recorded: 1 });
    });
  },
);
