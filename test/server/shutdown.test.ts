import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask } from './ask.ts';
import { givenServer, subscribed, TOKEN, type Given } from './given-server.ts';
import { givenConnection, givenSocket } from './websocket/given-socket.ts';
import { givenStream } from './given-stream.ts';

/** How long closing took, in ms. */
async function closing(given: Given): Promise<number> {
  const began = performance.now();
  await given.close();
  return performance.now() - began;
}

describe('a server that stops', () => {
  it('closes sockets with 1012, ends streams without completing them, and returns what they waited for', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    const silent = await givenSocket(given);
    socket.subscribe('subscription { waits }');
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await subscribed(given, 2);
    expect(await closing(given)).toBeLessThan(2_500);
    expect(await socket.closed()).toEqual({ code: 1012, reason: 'Service restart' });
    expect((await silent.closed()).code).toBe(1012);
    await stream.closed();
    expect(stream.text).not.toContain('complete');
    expect(await given.subscribers()).toBe(0);
    await expect(ask(given, '{ me }')).rejects.toThrow();
  });

  it('is done within five seconds though clients are dead, slow or silent', async () => {
    const given = await givenServer();
    const dead = await givenConnection(given, TOKEN.viewer);
    dead.subscribe('subscription { waits }');
    await subscribed(given, 1);
    dead.stall();
    const flooded = await givenConnection(given, TOKEN.viewer);
    flooded.stall();
    given.world.ledger.append('flood', ...Array.from({ length: 2_000 }, (_, index) => index));
    flooded.subscribe('subscription { flood(bytes: 60000) }');
    const unused = connect(given.port, '127.0.0.1');
    const half = connect(given.port, '127.0.0.1', () =>
      half.write('POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-le'),
    );
    const hanging = ask(given, '{ hang }').catch(() => 'cut off');
    onTestFinished(() => {
      unused.destroy();
      half.destroy();
    });
    await vi.waitFor(() => expect(given.world.hangs).toBe(1));
    expect(await closing(given)).toBeLessThan(5_000);
    expect(await hanging).toBe('cut off');
    await vi.waitFor(() => expect(given.world.aborted).toEqual(['hang']));
  });

  it('offers its subscribers the last entry first', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { waits }');
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await subscribed(given, 2);
    given.world.ledger.append('waits', 'last');
    await given.close();
    await socket.closed();
    await stream.closed();
    expect(socket.messages.at(-1)?.payload).toEqual({ data: { waits: 'last' } });
    expect(stream.events).toEqual([{ data: { waits: 'last' } }]);
  });

  it('waits for no connection that nobody has used', async () => {
    const given = await givenServer();
    const unused = connect(given.port, '127.0.0.1');
    const closed = new Promise((resolve) => unused.on('error', () => undefined).on('close', resolve));
    await new Promise((resolve) => unused.once('connect', resolve));
    await fetch(given.at('/healthz'));
    expect(await closing(given)).toBeLessThan(2_500);
    await closed;
  });

  it('lets an answer that is being made finish', async () => {
    const given = await givenServer({ limits: { executionMs: 500 } });
    const asked = ask(given, '{ hang }');
    await vi.waitFor(() => expect(given.world.hangs).toBe(1));
    const [answer, took] = await Promise.all([asked, closing(given)]);
    expect(answer.code).toBe('LIMIT_EXCEEDED');
    expect(answer.headers.get('connection')).toBe('close');
    expect(took).toBeLessThan(5_000);
  });

  it('may be told so twice', async () => {
    const given = await givenServer();
    await Promise.all([given.close(), given.close()]);
    await given.close();
  });
});

describe('a server that can’t listen', () => {
  it('says why, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await vi.waitFor(() => expect(other.listening).toBe(true));
    const { port } = other.address() as AddressInfo;
    await expect(givenServer({ port })).rejects.toThrow(
      `Can't listen on 127.0.0.1 port ${port}: something else listens there. Stop it, or set PORT.`,
    );
    await expect(givenServer({ host: '192.0.2.1' })).rejects.toThrow(/no such address. Set HOST/);
  });
});
