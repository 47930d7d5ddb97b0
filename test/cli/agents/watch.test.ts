import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { writeCursor } from '../../../src/governance/ledger/cursor.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { givenWire } from '../../support/given-wire.ts';
import {
  givenDatabase,
  givenServer,
  givenTokens,
  printed,
  starting,
  tell,
  tierkeeper,
} from '../given-cli.ts';

interface Line {
  readonly entry: { readonly seq: number; readonly type: string; readonly agentId: string | null };
}

/** The entries that were printed, a line each. */
const entriesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Line).entry)
    .map(({ seq, type, agentId }) => `${seq} ${type} ${agentId ?? ''}`);
const runOf = (agentId: string) => (app: App) => record(app, [givenRun(app.clock.now(), { agentId })]);

/** A database with a past, and the cursor at which that began. */
async function givenPast() {
  let cursor = '';
  const database = await givenDatabase(async ({ store }) => {
    cursor = writeCursor(await store.reader.head());
  });
  await tell(database, runOf('before'));
  return { database, cursor };
}

const AFTER = writeCursor({ seq: 1, hash: '0'.repeat(64) });

describe('a watch', () => {
  it.each([200, 404, 502])('through a proxy that answers an upgrade with %i says so', async (status) => {
    const proxy = createServer((_, response) => response.writeHead(status).end('<html>'));
    proxy.on('upgrade', (_, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/graphql`;
    const { code, stderr } = await tierkeeper(['watch', '--url', url, '--after', AFTER], {
      TIERKEEPER_TOKEN: 'token',
    });
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`answered ${status} where a WebSocket was asked for`),
    ]);
    expect(stderr).toContain('docs/proxies.md');
  });

  it('hears what another process does, from after its cursor on, in order', async () => {
    const { database, cursor } = await givenPast();
    const watching = starting(['watch', '--after', cursor], database);
    await printed(watching, /RUN_RECORDED/);
    const hears = printed(watching, /RUN_RECORDED.*alpha/);
    await tell(database, runOf('alpha'));
    await hears;
    watching.process.kill('SIGTERM');
    const { code, stdout, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(entriesOf(stdout)).toEqual([
      '2 AGENT_REGISTERED before',
      '3 RUN_RECORDED before',
      '4 AGENT_REGISTERED alpha',
      '5 RUN_RECORDED alpha',
    ]);
  });

  it('of some types hears those alone, and resumes after any line', async () => {
    const { database, cursor } = await givenPast();
    const watching = starting(
      ['watch', '--types', 'agent-registered,run-recorded', '--after', cursor],
      database,
    );
    const [, registered = ''] = await printed(watching, /"cursor":"([^"]+)".*AGENT_REGISTERED/);
    watching.process.kill('SIGINT');
    const { code } = await watching.ended;
    const again = starting(['watch', '--types', 'RUN_RECORDED', '--after', registered], database);
    await printed(again, /\n/);
    again.process.kill('SIGINT');
    expect([code, entriesOf((await again.ended).stdout)]).toEqual([0, ['3 RUN_RECORDED before']]);
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

  it('of a server survives a lost connection, and misses nothing', async () => {
    const { database, cursor } = await givenPast();
    const { url } = await givenServer({ ...database, ...givenTokens() });
    const wire = await givenWire(Number(new URL(url).port));
    const access = { TIERKEEPER_URL: `http://127.0.0.1:${wire.port}`, TIERKEEPER_TOKEN: 't-val' };
    const watching = starting(['watch', '--after', cursor], access);
    await printed(watching, /RUN_RECORDED/);
    const lost = printedError(watching.process, /Trying again/);
    wire.cut();
    await lost;
    await tell(database, runOf('alpha'));
    const heard = printed(watching, /RUN_RECORDED.*alpha/);
    wire.restore();
    await heard;
    watching.process.kill('SIGINT');
    const { code, stdout, stderr } = await watching.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/Trying again until it can\.\nConnected again; nothing was missed\.\n$/);
    expect(entriesOf(stdout).map((entry) => entry.split(' ')[0])).toEqual(['2', '3', '4', '5']);
  });

  it('is refused a cursor of another ledger, an unknown type, and a wrong token', async () => {
    const { remote } = await givenServer({ ...(await givenDatabase()), ...givenTokens() });
    const { cursor } = await givenPast();
    const access = { ...remote, TIERKEEPER_TOKEN: 't-val' };
    const [foreign, unknown, stranger] = await Promise.all([
      tierkeeper(['watch', '--after', cursor, '--json'], access),
      tierkeeper(['watch', '--types', 'nothing'], access),
      tierkeeper(['watch', '--after', cursor, '--json'], { ...access, TIERKEEPER_TOKEN: 'x' }),
    ]);
    expect(foreign.json()).toMatchObject({ error: { code: 'INVALID_CURSOR' } });
    expect(unknown.stderr).toContain('No entry is of the type NOTHING.');
    expect(stranger.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    expect([foreign.code, unknown.code, stranger.code]).toEqual([2, 2, 1]);
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
