// A server whose disk takes no more, and then does again. Limits on the size of files bind every user, where permissions do
// not bind root; a file system that is really full needs one that may mount.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask } from '../../server/ask.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fileOf, givenServer, givenTokens, tierkeeper, type Variables } from '../given-cli.ts';

/** A way for a disk to take no more. */
interface Fault {
  /** Gives the variables of a database on it. */
  readonly prepare: () => Variables;
  readonly begin: (pid: string, folder: string) => void;
  readonly end: (pid: string, folder: string) => void;
  readonly says: RegExp;
}

const run = (program: string, ...args: readonly string[]): void => {
  execFileSync(program, args, { stdio: 'ignore' });
};
const inFolder = (folder: string) => ({ DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}` });

/** Files may not grow beyond so many bytes, and what lies beyond can't be written. */
function fileLimit(bytes: number): Fault {
  return {
    prepare: () => inFolder(tempFolder()),
    begin: (pid) => run('prlimit', '--pid', pid, `--fsize=${bytes}:`),
    end: (pid) => run('prlimit', '--pid', pid, '--fsize=unlimited:'),
    says: /^The database can’t be read or written: the disk fails, is full or is read-only\./,
  };
}

const smallFileSystem: Fault = {
  prepare: () => {
    const folder = tempFolder();
    run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder);
    onTestFinished(() => {
      run('umount', '--lazy', folder);
    });
    return inFolder(folder);
  },
  begin: () => undefined,
  end: (_pid, folder) => run('mount', '-o', 'remount,size=64m', folder),
  says: /^The database can’t be written: the disk is full\./,
};

const RECORD = `mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { ... on RunsRecorded { recorded alreadyRecorded } } }`;
const PROMOTE = `mutation { promoteAgent(input: { agentId: "eve", idempotencyKey: "once" }) { __typename } }`;

function givenRun(runId: string, actions: number) {
  const at = new Date().toISOString();
  const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
  return {
    agentId: 'eve',
    runId,
    startedAt: at,
    finishedAt: at,
    actions: Array.from({ length: actions }, () => action),
  };
}

/** What a test asks of a server, and which runs it has acknowledged. */
async function givenRecorder(variables: Variables) {
  const { server, url } = await givenServer({ ...variables, ...givenTokens() });
  const acknowledged: string[] = [];
  const record = async (actions: number, runId = `run-${crypto.randomUUID()}`) => {
    const runs = [givenRun(runId, actions)];
    const { data, code } = await ask({ url }, RECORD, { token: 't-runner', variables: { runs } });
    if (code === undefined) acknowledged.push(runId);
    return code ?? data?.recordRuns;
  };
  const promote = async () => {
    const { data, code } = await ask({ url }, PROMOTE, { token: 't-ann' });
    return code ?? (data?.promoteAgent as { readonly __typename: string }).__typename;
  };
  const probe = async (path: string) => {
    const response = await fetch(new URL(path, url));
    const body = (await response.json()) as { readonly checks?: Readonly<Record<string, string>> };
    return { status: response.status, database: body.checks?.database };
  };
  return { server, url, acknowledged, record, promote, probe };
}

/** Records runs, ever smaller ones, until there is no room for the smallest. */
async function fill({ record }: Pick<Awaited<ReturnType<typeof givenRecorder>>, 'record'>): Promise<void> {
  for (const actions of [200, 20, 0]) while (typeof (await record(actions)) !== 'string');
}

const mayMount = (() => {
  try {
    run('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');
    return true;
  } catch {
    return false;
  }
})();

const faults: readonly (readonly [string, Fault])[] = [
  ['takes no larger files', fileLimit(1_500_000)],
  ['can’t be written at all', fileLimit(0)],
  ...(mayMount ? ([['is full', smallFileSystem]] as const) : []),
];

describe.runIf(process.platform === 'linux')('a server whose disk', () => {
  it.each(faults)(
    '%s refuses commands, reads on, says so in /readyz, loses nothing, and goes on as soon as it can',
    async (_what, fault) => {
      const variables = fault.prepare();
      const folder = join(fileOf(variables), '..');
      const given = await givenRecorder(variables);
      const pid = String(given.server.process.pid);
      for (let runs = 0; runs < 5; runs += 1) expect(await given.record(1)).toMatchObject({ recorded: 1 });
      expect(await given.probe('/readyz')).toEqual({ status: 200, database: 'ok' });

      fault.begin(pid, folder);
      await fill(given);
      const refused = Array.from({ length: 40 }, (_, index) => given.record(20, `refused-${index}`));
      expect(new Set(await Promise.all([...refused, given.promote()]))).toEqual(
        new Set(['STORAGE_UNAVAILABLE']),
      );
      const { status, database } = await given.probe('/readyz');
      expect([status, database]).toEqual([503, expect.stringMatching(fault.says)]);
      expect(database).not.toContain(folder);
      expect((await given.probe('/healthz')).status).toBe(200);
      const seen = await ask({ url: given.url }, '{ agent(agentId: "eve") { counters { totalRuns } } }', {
        token: 't-val',
      });
      expect(seen.data).toEqual({ agent: { counters: { totalRuns: given.acknowledged.length } } });

      fault.end(pid, folder);
      await vi.waitFor(async () =>
        expect(await given.probe('/readyz')).toEqual({ status: 200, database: 'ok' }),
      );
      for (let index = 0; index < 40; index += 1)
        expect(await given.record(20, `refused-${index}`)).toMatchObject({ recorded: 1 });
      expect(await given.promote()).toBe('AgentPromoted');

      given.server.process.kill('SIGKILL');
      await given.server.ended;
      const kept = rawConnection(fileOf(variables)).prepare('SELECT run_id FROM runs ORDER BY seq').pluck();
      expect(kept.all()).toEqual(given.acknowledged);
      expect((await tierkeeper(['verify'], variables)).code).toBe(0);
    },
  );
});
