import { createServer } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { givenRun, record } from '../support/given-runs.ts';
import { givenDatabase, givenServer, givenTokens, printed, starting, tell, tierkeeper } from './given-cli.ts';

interface Line {
  readonly cursor: string;
  readonly entry: { readonly seq: number; readonly type: string; readonly agentId: string | null };
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const runOf = (agentId: string) => (app: Parameters<Parameters<typeof tell>[1]>[0]) =>
  record(app, [givenRun(app.clock.now(), { agentId })]);
const end = (child: ChildProcess) => child.kill('SIGINT');

/** A way to a port that can be cut and restored. */
async function givenWire(port: number) {
  const sockets = new Set<Socket>();
  let cut = false;
  const wire = createServer((near) => {
    if (cut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void wire.close());
  await once(wire, 'listening');
  const setCut = (now: boolean) => {
    cut = now;
    if (now) for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}`, setCut };
}

describe('a watch', () => {
  it('hears what another process did, from after its cursor on, in order', async () => {
    const database = await givenDatabase(runOf('before'));
    const first = starting(['watch', '--after', (await cursorOf(database)).cursor], database);
    const hears = printed(first, /"agentId":"beta".*"type":"RUN_RECORDED"|RUN_RECORDED.*beta/);
    await tell(database, runOf('alpha'));
    await tell(database, runOf('beta'));
    await hears;
    end(first.process);
    const { code, stdout, stderr } = await first.ended;
    expect([code, stderr]).toEqual([0, '']);
    const lines = linesOf(stdout);
    const entries = lines.map(({ entry: { agentId, type } }) => `${agentId ?? ''} ${type}`);
    expect(entries).toEqual([
      ...['alpha AGENT_REGISTERED', 'alpha RUN_RECORDED'],
      ...['beta AGENT_REGISTERED', 'beta RUN_RECORDED'],
    ]);
    const again = starting(['watch', '--after', lines[1]?.cursor ?? ''], database);
    await printed(again, /"agentId":"beta"/);
    end(again.process);
    expect(linesOf((await again.ended).stdout)[0]).toEqual(lines[2]);
  });

  it('of some types hears those alone', async () => {
    const database = await givenDatabase(runOf('before'));
    const { cursor } = await cursorOf(database);
    await tell(database, runOf('alpha'));
    const watching = starting(['watch', '--types', 'run-recorded', '--after', cursor], database);
    await printed(watching, /RUN_RECORDED/);
    end(watching.process);
    expect(linesOf((await watching.ended).stdout).map(({ entry }) => entry.type)).toEqual(['RUN_RECORDED']);
    const { code, stderr } = await tierkeeper(['watch', '--types', 'nothing'], database);
    expect(stderr).toContain('Value "NOTHING" does not exist in "LedgerEntryType" enum.');
    expect(code).toBe(2);
  });

  it('ends in order when its reader has seen enough', async () => {
    const database = await givenDatabase(runOf('before'));
    const watching = starting(['watch'], database);
    watching.process.stdout?.destroy();
    const recording = async () => {
      // Whatever comes first after it has begun ends it.
      while (watching.process.exitCode === null) await tell(database, runOf('alpha'));
    };
    await recording();
    expect((await watching.ended.catch(() => ({ code: watching.process.exitCode }))).code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'of a server survives a lost connection, missing nothing, and ends on %s',
    async (signal) => {
      const database = await givenDatabase(runOf('before'));
      const { url } = await givenServer({ ...database, ...givenTokens() });
      const wire = await givenWire(Number(new URL(url).port));
      const watching = starting(['watch'], { TIERKEEPER_URL: wire.url, TIERKEEPER_TOKEN: 't-val' });
      const hearsAlpha = printed(watching, /alpha.*RUN_RECORDED|RUN_RECORDED.*alpha/);
      const recorded = hearsAlpha.then(() => true);
      for (let heard = false; !heard;) {
        await tell(database, runOf('alpha'));
        heard = await Promise.race([recorded, tell(database, runOf('alpha')).then(() => false)]);
      }
      const lost = printedError(watching.process, /Trying again/);
      wire.setCut(true);
      await lost;
      await tell(database, runOf('beta'));
      const hearsBeta = printed(watching, /"agentId":"beta"[^\n]*\n[^\n]*"agentId":"beta"/);
      wire.setCut(false);
      await hearsBeta;
      watching.process.kill(signal);
      const { code, stdout, stderr } = await watching.ended;
      expect(code).toBe(0);
      expect(stderr).toMatch(/Trying again until it can\.\nConnected again; nothing was missed\.\n$/);
      const seqs = linesOf(stdout).map(({ entry }) => entry.seq);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    },
  );

  it('is refused a cursor of another ledger, and a wrong token', async () => {
    const database = await givenDatabase(runOf('before'));
    const other = await givenDatabase(runOf('other'));
    const { cursor } = await cursorOf(other);
    const foreign = await tierkeeper(['watch', '--after', cursor, '--json'], database);
    expect(foreign.json()).toMatchObject({ error: { code: 'INVALID_CURSOR' } });
    expect(foreign.code).toBe(2);
    const { remote } = await givenServer({ ...database, ...givenTokens() });
    const stranger = await tierkeeper(['watch', '--after', cursor, '--json'], {
      ...remote,
      TIERKEEPER_TOKEN: 'x',
    });
    expect(stranger.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect(stranger.code).toBe(1);
  });
});

async function cursorOf(database: Parameters<typeof tell>[0]): Promise<{ readonly cursor: string }> {
  const { json } = await tierkeeper(['graphql'], database, '{ cursor }');
  return (json() as { data: { cursor: string } }).data;
}

async function printedError({ stderr }: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve) => {
    stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
  });
}
