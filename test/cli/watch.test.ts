import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { App } from '../../src/app/ports.ts';
import { givenRun, record } from '../support/given-runs.ts';
import {
  givenDatabase,
  givenServer,
  givenTokens,
  printed,
  starting,
  tell,
  tierkeeper,
  type Variables,
} from './given-cli.ts';

interface Line {
  readonly cursor: string;
  readonly entry: { readonly seq: number; readonly type: string; readonly agentId: string | null };
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const runOf = (agentId: string) => (app: App) => record(app, [givenRun(app.clock.now(), { agentId })]);
const end = (child: ChildProcess) => child.kill('SIGINT');

/** A database with a past, and the cursor at which that began. */
async function givenPast() {
  const database = await givenDatabase(() => Promise.resolve());
  const { cursor } = await cursorOf(database);
  await tell(database, runOf('before'));
  return { database, cursor };
}

async function cursorOf(database: Variables): Promise<{ readonly cursor: string }> {
  const { json } = await tierkeeper(['graphql'], database, '{ cursor }');
  return (json() as { data: { cursor: string } }).data;
}

/** A way to a port that can be cut and restored. */
async function givenWire(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const join = (one: Socket, other: Socket) => {
    sockets.add(one);
    one.on('error', () => undefined).on('close', () => other.destroy());
    one.pipe(other);
  };
  const wire = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const restore = () => {
    isCut = false;
  };
  onTestFinished(() => {
    cut();
    wire.close();
  });
  return { url: `http://127.0.0.1:${(wire.address() as AddressInfo).port}`, cut, restore };
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
    const { database, cursor } = await givenPast();
    const watching = starting(['watch', '--after', cursor], database);
    await printed(watching, /RUN_RECORDED/);
    const exit = once(watching.process, 'exit');
    watching.ended.catch(() => undefined);
    watching.process.stdout?.destroy();
    await tell(database, runOf('alpha'));
    expect(await exit).toEqual([0, null]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'of a server survives a lost connection, missing nothing, and ends on %s',
    async (signal) => {
      const { database, cursor } = await givenPast();
      const { url } = await givenServer({ ...database, ...givenTokens() });
      const wire = await givenWire(Number(new URL(url).port));
      const access = { TIERKEEPER_URL: wire.url, TIERKEEPER_TOKEN: 't-val' };
      const watching = starting(['watch', '--after', cursor], access);
      await printed(watching, /RUN_RECORDED/);
      const lost = printedError(watching.process, /Trying again/);
      wire.cut();
      await lost;
      await tell(database, runOf('alpha'));
      const heard = printed(watching, /RUN_RECORDED.*alpha/);
      wire.restore();
      await heard;
      watching.process.kill(signal);
      const { code, stdout, stderr } = await watching.ended;
      expect(code).toBe(0);
      expect(stderr).toMatch(/Trying again until it can\.\nConnected again; nothing was missed\.\n$/);
      const seqs = linesOf(stdout).map(({ entry }) => entry.seq);
      expect(seqs).toEqual([2, 3, 4, 5]);
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

async function printedError({ stderr }: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve) => {
    stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
  });
}
