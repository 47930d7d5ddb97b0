// A server whose database is moved, deleted or replaced while it runs.
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ask } from '../../server/ask.ts';
import { fileOf, givenDatabase, givenServer, givenTokens, tierkeeper, type Variables } from '../given-cli.ts';

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
  [
    'is replaced by another',
    /its file was replaced by another/,
    (file) => {
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
  ],
  [
    'is overwritten by a copy',
    /its file was overwritten/,
    (file) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(4096)])),
  ],
];

describe('a server whose database', () => {
  it.each(ways)('%s refuses commands and says why in /readyz', async (_what, why, change) => {
    const variables = await givenDatabase();
    const { url } = await givenRecorder(variables);
    change(fileOf(variables));
    expect(await readyz(url)).toEqual([503, expect.stringMatching(why)]);
    expect(await record(url, 'lost')).toBe('STORAGE_UNAVAILABLE');
  });

  it('is replaced is told how to go on without the old log being written into the new file', async () => {
    const variables = await givenDatabase();
    const { url } = await givenRecorder(variables);
    const file = fileOf(variables);
    copyFileSync(file, `${file}.new`);
    renameSync(`${file}.new`, file);
    expect((await readyz(url))[1]).toContain('stop Tierkeeper, move the -wal and -shm files away');
  });

  it('is moved away and back goes on without a restart', async () => {
    const variables = await givenDatabase();
    const { server, url } = await givenRecorder(variables);
    const file = fileOf(variables);
    renameSync(file, `${file}.old`);
    expect(await readyz(url)).toEqual([503, expect.stringMatching(/moved or deleted/)]);
    expect(await record(url, 'again')).toBe('STORAGE_UNAVAILABLE');
    renameSync(`${file}.old`, file);
    expect(await record(url, 'again')).toEqual({ recorded: 1 });
    await vi.waitFor(async () => expect(await readyz(url)).toEqual([200, 'ok']));
    server.process.kill('SIGTERM');
    const log = (await server.ended).stderr.split('\n').filter((line) => line.includes('the database is'));
    expect(log.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual([
      'the database is not the one that was opened; commands are refused',
      'the database is the one that was opened again; commands are taken',
    ]);
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
