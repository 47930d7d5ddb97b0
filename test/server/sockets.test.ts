import { createClient } from 'graphql-ws';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask } from './ask.ts';
import { givenServer, PRINCIPALS, TOKEN, type Given } from './given-server.ts';
import { givenConnection, givenSocket } from './given-socket.ts';

const waiting = (given: Given, many: number) =>
  vi.waitFor(() => expect(given.world.waiting.size).toBe(many), 5_000);
const subscribers = async (given: Given) => {
  const response = await fetch(given.at('/metrics'), { headers: { authorization: `Bearer ${TOKEN.admin}` } });
  return Number(/^tierkeeper_subscribers (\d+)$/m.exec(await response.text())?.[1]);
};

describe('a socket', () => {
  it('carries subscriptions of the principal that its first message names', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription($to: Int!) { count(to: $to) }', '7', { to: 2 });
    await socket.received('complete', '7');
    expect(socket.messages.slice(1)).toEqual([
      { id: '7', type: 'next', payload: { data: { count: 1 } } },
      { id: '7', type: 'next', payload: { data: { count: 2 } } },
      { id: '7', type: 'complete' },
    ]);
    expect(new Set(given.operations.map(({ principal }) => principal.id))).toEqual(new Set(['val']));
    expect(new Set(given.operations.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it.each([
    undefined,
    {},
    { authorization: 'Bearer wrong' },
    { authorization: TOKEN.viewer },
    { authorization: 7 },
  ])('is closed with 4403 without a valid token: %j', async (payload) => {
    const given = await givenServer();
    const socket = await givenSocket(given);
    socket.send({ type: 'connection_init', payload });
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  it('may not subscribe before it said who it is', async () => {
    const given = await givenServer();
    const socket = await givenSocket(given);
    socket.subscribe('subscription { waits }');
    expect((await socket.closed()).code).toBe(4401);
    expect(given.operations).toEqual([]);
  });

  it('is closed if it does not say who it is', async () => {
    const given = await givenServer();
    const socket = await givenSocket(given);
    expect((await socket.closed()).code).toBe(4408);
  });

  it.each(['{ me }', 'mutation { bump }'])(
    'carries no query and no mutation, and stays open: %s',
    async (query) => {
      const given = await givenServer();
      const socket = await givenConnection(given, TOKEN.admin);
      socket.subscribe(query, 'a');
      expect((await socket.received('error', 'a')).payload?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      socket.subscribe('subscription { count(to: 1) }', 'b');
      await socket.received('complete', 'b');
      expect(given.world.bumps).toBe(0);
    },
  );

  it.each([
    ['subscription { ', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription A { waits } subscription B { waits }', 'OPERATION_RESOLUTION_FAILURE'],
    ['subscription { refused(code: "INVALID_CURSOR") }', 'INVALID_CURSOR'],
    ['subscription { refused(code: "MADE_UP") }', 'INTERNAL'],
    ['subscription($to: Int!) { count(to: $to) }', 'BAD_USER_INPUT'],
  ])('answers a bad subscription with an error, and stays open: %s', async (query, code) => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    for (const id of ['a', 'b']) {
      socket.subscribe(query, id);
      const { payload } = await socket.received('error', id);
      expect(payload?.[0]?.extensions).toMatchObject({ code, retryable: false, retryAfterMs: null });
      expect(payload?.[0]?.extensions.requestId).toMatch(/^[0-9a-f]{32}$/);
      expect(payload?.[0]?.extensions).not.toHaveProperty('http');
    }
    socket.subscribe('subscription { count(to: 1) }', 'c');
    await socket.received('complete', 'c');
    expect(socket.messages.map(({ type }) => type)).toEqual([
      'connection_ack',
      'error',
      'error',
      'next',
      'complete',
    ]);
  });

  it('learns of a subscription that broke, without why', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { breaks }');
    expect((await socket.received('next')).payload).toEqual({ data: { breaks: 1 } });
    expect((await socket.received('error')).payload?.[0]?.extensions.code).toBe('INTERNAL');
    expect(JSON.stringify(socket.messages)).not.toContain('secret');
    expect(given.lines.join('')).toContain('secret detail');
  });

  it('gets a new context for every event, so that nothing stale is remembered', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { contexts }');
    await socket.received('complete');
    const events = socket.messages.flatMap(({ payload }) => payload?.data ?? []);
    expect(events).toEqual([{ contexts: 1 }, { contexts: 2 }, { contexts: 3 }]);
  });

  it.each([
    [
      'completes it',
      (socket: Awaited<ReturnType<typeof givenSocket>>) => socket.send({ id: '1', type: 'complete' }),
    ],
    ['is gone', (socket: Awaited<ReturnType<typeof givenSocket>>) => socket.terminate()],
  ])('whose client %s returns the source of a subscription that waits', async (_what, leave) => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { waits }');
    await waiting(given, 1);
    expect(await subscribers(given)).toBe(1);
    leave(socket);
    await waiting(given, 0);
    expect(given.operations.every(({ signal }) => signal.aborted)).toBe(true);
    expect(await subscribers(given)).toBe(0);
  });

  it('may use the id of a subscription again', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    for (let n = 0; n < 5; n++) {
      socket.subscribe('subscription { waits }');
      await waiting(given, 1);
      socket.send({ id: '1', type: 'complete' });
      await waiting(given, 0);
    }
    expect(socket.closing).toBeUndefined();
  });

  it('carries so many subscriptions at once', async () => {
    const given = await givenServer({ limits: { subscriptionsPerSocket: 2 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    for (const id of ['a', 'b', 'c']) socket.subscribe('subscription { waits }', id);
    expect((await socket.received('error', 'c')).payload?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    await waiting(given, 2);
    socket.send({ id: 'a', type: 'complete' });
    await waiting(given, 1);
    socket.subscribe('subscription { waits }', 'd');
    await waiting(given, 2);
  });

  it('is one of so many that a principal may hold', async () => {
    const given = await givenServer({ limits: { socketsPerPrincipal: 2 } });
    const first = await givenConnection(given, TOKEN.viewer);
    await givenConnection(given, TOKEN.viewer);
    const third = await givenSocket(given);
    third.send({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN.viewer}` } });
    expect(await third.closed()).toEqual({ code: 1013, reason: 'LIMIT_EXCEEDED: too many connections' });
    await givenConnection(given, TOKEN.admin);
    first.terminate();
    await vi.waitFor(() => givenConnection(given, TOKEN.viewer), 5_000);
  });

  it('that sends too large a message is closed', async () => {
    const given = await givenServer({ limits: { frameBytes: 1_000 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe(`subscription { waits } # ${'x'.repeat(1_000)}`);
    expect((await socket.closed()).code).toBe(1009);
  });

  it.each(['no JSON', '{"type":"subscribe"}', '{"type":"made up"}'])(
    'that breaks the protocol is closed: %s',
    async (text) => {
      const given = await givenServer();
      const socket = await givenConnection(given, TOKEN.viewer);
      socket.sendText(text);
      expect((await socket.closed()).code).toBe(4400);
    },
  );

  it('speaks one protocol only', async () => {
    const given = await givenServer();
    const socket = new WebSocket(given.url.replace('http', 'ws'), 'graphql-ws');
    await expect(
      new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject)),
    ).rejects.toThrow(/subprotocol/);
  });

  it('opens on the path of the API only, and for pages of allowed origins only', async () => {
    const given = await givenServer({ allowedOrigins: ['https://dashboard.example'] });
    await expect(givenSocket({ url: given.at('/other') })).rejects.toThrow(/404/);
    for (const origin of ['https://evil.example', 'null', 'https://dashboard.example:8443'])
      await expect(givenSocket(given, { origin })).rejects.toThrow(/403/);
    for (const origin of ['https://dashboard.example', new URL(given.url).origin])
      expect((await givenSocket(given, { origin })).closing).toBeUndefined();
  });

  it('serves the client of graphql-ws', async () => {
    const given = await givenServer();
    const client = createClient({
      url: given.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${TOKEN.viewer}` },
    });
    const events: unknown[] = [];
    for await (const event of client.iterate({ query: 'subscription { count(to: 3) }' }))
      events.push(event.data);
    await client.dispose();
    expect(events).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
  });
});

describe('a socket that does not keep up', () => {
  it('is closed with 1013 once a megabyte waits for it, and its subscriptions end', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    for (let n = 0; n < 8; n++) socket.subscribe('subscription { flood(bytes: 400000) }', String(n));
    await vi.waitFor(() => expect(given.operations.length).toBeGreaterThanOrEqual(8), 5_000);
    await vi.waitFor(async () => expect(await subscribers(given)).toBe(0), 5_000);
    socket.resume();
    expect(await socket.closed()).toEqual({ code: 1013, reason: 'Too slow' });
  });

  it('is closed with 1013 if one message waits for too long', async () => {
    const given = await givenServer({ limits: { executionMs: 200 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    socket.subscribe('subscription { flood(bytes: 60000) }');
    await vi.waitFor(() => expect(given.operations.length).toBeGreaterThan(0));
    await vi.waitFor(async () => expect(await subscribers(given)).toBe(0), 5_000);
    socket.resume();
    expect(await socket.closed()).toEqual({ code: 1013, reason: 'Too slow' });
  });

  it('costs no memory meanwhile: what it did not take is not made', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    socket.subscribe('subscription { flood(bytes: 60000) }');
    const made = async () => {
      const before = given.operations.length;
      await ask(given, '{ me }');
      return given.operations.length - before;
    };
    await vi.waitFor(async () => expect(await made()).toBe(1), 5_000);
    expect(given.operations.length).toBeLessThan(1_000);
    expect(await subscribers(given)).toBe(1);
    const before = given.operations.length;
    socket.resume();
    await vi.waitFor(() => expect(given.operations.length).toBeGreaterThan(before + 100), 5_000);
    expect(socket.closing).toBeUndefined();
  });
});

describe('a principal whose rights change', () => {
  const without = (id: string) =>
    PRINCIPALS.filter((principal) => !('id' in principal) || principal.id !== id);
  const changed = PRINCIPALS.map((principal) =>
    'id' in principal && principal.id === 'val' ? { ...principal, agents: ['payments-*'] } : principal,
  );

  it.each([
    ['its token was removed', without('val')],
    ['it may see less', changed],
    [
      'its token was replaced',
      [...without('val'), { token: 'other', id: 'val', kind: 'person', roles: ['viewer'] }],
    ],
  ])('loses its sockets with 4403, and nobody else does: %s', async (_what, principals) => {
    const given = await givenServer();
    const [socket, other] = [
      await givenConnection(given, TOKEN.viewer),
      await givenConnection(given, TOKEN.admin),
    ];
    for (const one of [socket, other]) one.subscribe('subscription { waits }');
    await waiting(given, 2);
    await given.savePrincipals(principals);
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'Forbidden' });
    await waiting(given, 1);
    expect(other.closing).toBeUndefined();
  });

  it('loses its sockets with 4403 the moment its token expires', async () => {
    const expiresAt = new Date(Date.now() + 700).toISOString();
    const given = await givenServer({
      principals: [{ ...PRINCIPALS[0], expiresAt }, ...PRINCIPALS.slice(1)],
    });
    const socket = await givenConnection(given, TOKEN.viewer);
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect((await ask(given, '{ me }')).status).toBe(401);
  });
});
