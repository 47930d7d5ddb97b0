import { createClient } from 'graphql-ws';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask } from '../ask.ts';
import { givenServer, PRINCIPALS, subscribed, TOKEN } from '../given-server.ts';
import { givenConnection, givenSocket } from './given-socket.ts';

const next = (n: number | string, id = '1') => ({
  id,
  type: 'next',
  payload: { data: { waits: String(n) } },
});

describe('a socket', () => {
  it('carries subscriptions of the principal that its first message names', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    given.world.ledger.append('waits', '1', '2');
    socket.subscribe('subscription($after: String) { waits(after: $after) }', '7', { after: null });
    await vi.waitFor(() => expect(socket.messages.slice(1)).toEqual([next(1, '7'), next(2, '7')]));
    socket.send({ id: '7', type: 'complete' });
    await subscribed(given, 0);
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
      given.world.ledger.append('waits', '1');
      socket.subscribe('subscription { waits }', 'b');
      await socket.received('next', 'b');
      expect(given.world.bumps).toBe(0);
    },
  );

  it.each([
    ['subscription { ', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription A { waits } subscription B { waits }', 'OPERATION_RESOLUTION_FAILURE'],
    ['subscription { refused(code: "INVALID_CURSOR") }', 'INVALID_CURSOR'],
    ['subscription { refused(code: "MADE_UP") }', 'INTERNAL'],
    ['subscription($bytes: Int!) { flood(bytes: $bytes) }', 'BAD_USER_INPUT'],
    ['subscription { wrong }', 'INTERNAL'],
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
    given.world.ledger.append('waits', '1');
    socket.subscribe('subscription { waits }', 'c');
    await socket.received('next', 'c');
    expect(socket.messages.map(({ type }) => type)).toEqual(['connection_ack', 'error', 'error', 'next']);
  });

  it('learns of an event that could not be answered, without why, and of those after it', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    given.world.ledger.append('count', 1, 2, 3);
    socket.subscribe('subscription { bugs }');
    const payloads = () => socket.messages.slice(1).map(({ payload }) => payload);
    await vi.waitFor(() => expect(payloads()).toHaveLength(3));
    expect(payloads()).toMatchObject([
      { data: { bugs: 1 } },
      { errors: [{ extensions: { code: 'INTERNAL' } }] },
      { data: { bugs: 3 } },
    ]);
    expect(JSON.stringify(socket.messages)).not.toMatch(/secret|"http"/);
    expect(given.lines.join('')).toContain('secret detail');
  });

  it('loses no event to a busy database, in reading or in answering', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { busyOnce }');
    await subscribed(given, 1);
    given.world.ledger.failures = 1;
    given.world.ledger.append('count', 1, 2, 3);
    const events = () => socket.messages.slice(1).map(({ payload }) => payload?.data);
    await vi.waitFor(
      () => expect(events()).toEqual([{ busyOnce: 1 }, { busyOnce: 2 }, { busyOnce: 3 }]),
      5_000,
    );
    expect(JSON.stringify(socket.messages)).not.toContain('secret');
  });

  it('gets a new context for what comes later, so that nothing stale is remembered', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { contexts }');
    for (const n of [1, 2, 3]) {
      given.world.ledger.append('count', n);
      await vi.waitFor(() => expect(socket.messages.at(-1)?.payload).toEqual({ data: { contexts: n } }));
    }
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
    await subscribed(given, 1);
    expect(await given.subscribers()).toBe(1);
    leave(socket);
    await subscribed(given, 0);
    expect(await given.subscribers()).toBe(0);
  });

  it('may use the id of a subscription again', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    for (let n = 0; n < 5; n++) {
      socket.subscribe('subscription { waits }');
      await subscribed(given, 1);
      socket.send({ id: '1', type: 'complete' });
      await subscribed(given, 0);
    }
    expect(socket.closing).toBeUndefined();
  });

  it('carries so many subscriptions at once', async () => {
    const given = await givenServer({ limits: { subscriptionsPerSocket: 2 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    for (const id of ['a', 'b', 'c']) socket.subscribe('subscription { waits }', id);
    expect((await socket.received('error', 'c')).payload?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    await subscribed(given, 2);
    socket.send({ id: 'a', type: 'complete' });
    await subscribed(given, 1);
    socket.subscribe('subscription { waits }', 'd');
    await subscribed(given, 2);
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
    given.world.ledger.append('waits', 'a', 'b', 'c');
    const events: unknown[] = [];
    for await (const event of client.iterate({ query: 'subscription { waits }' }))
      if (events.push(event.data) === 3) break;
    await client.dispose();
    expect(events).toEqual([{ waits: 'a' }, { waits: 'b' }, { waits: 'c' }]);
  });
});

describe('a socket that does not keep up', () => {
  const FLOOD = 'subscription { flood(bytes: 60000) }';
  const many = Array.from({ length: 2_000 }, (_, index) => index);

  it('is closed with 1013 once it has not read for seconds, and its subscriptions end', async () => {
    const given = await givenServer();
    given.world.ledger.append('flood', ...many);
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    for (const id of ['a', 'b', 'c']) socket.subscribe(FLOOD, id);
    await subscribed(given, 3);
    await vi.waitFor(async () => expect(await given.subscribers()).toBe(0), 9_000);
    socket.resume();
    expect(await socket.closed()).toEqual({ code: 1013, reason: 'Too slow' });
  });

  it('costs no memory meanwhile: what it did not take is not made', async () => {
    const given = await givenServer();
    given.world.ledger.append('flood', ...many);
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    socket.subscribe(FLOOD);
    const made = async () => {
      const before = given.world.answers;
      await ask(given, '{ me }');
      return given.world.answers - before;
    };
    await vi.waitFor(async () => expect(await made()).toBe(0), 5_000);
    expect(given.world.answers).toBeLessThan(1_000);
    expect(await given.subscribers()).toBe(1);
    socket.resume();
    await vi.waitFor(() => expect(socket.messages).toHaveLength(2_001), 15_000);
    expect(socket.closing).toBeUndefined();
  });

  it('that breaks the protocol ends what it ran at once: nothing more is made for it', async () => {
    const given = await givenServer();
    given.world.ledger.append('flood', ...many);
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.stall();
    socket.subscribe(FLOOD);
    await subscribed(given, 1);
    socket.sendText('no message');
    await subscribed(given, 0);
    expect(given.world.answers).toBeLessThan(1_000);
  });

  it('holds up nobody else, and is given what it missed, once it reads again', async () => {
    const given = await givenServer();
    const [slow, quick] = [
      await givenConnection(given, TOKEN.viewer),
      await givenConnection(given, TOKEN.viewer),
    ];
    for (const socket of [slow, quick]) socket.subscribe(FLOOD);
    await subscribed(given, 2);
    slow.stall();
    given.world.ledger.append('flood', ...many.slice(0, 500));
    await vi.waitFor(() => expect(quick.messages).toHaveLength(501), 15_000);
    slow.resume();
    await vi.waitFor(() => expect(slow.messages).toHaveLength(501), 15_000);
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
    await subscribed(given, 2);
    await given.savePrincipals(principals);
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'Forbidden' });
    await subscribed(given, 1);
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
