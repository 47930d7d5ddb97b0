import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { ask } from '../ask.ts';
import { givenServer, subscribed, TOKEN } from '../given-server.ts';
import { givenConnection } from '../websocket/given-socket.ts';

const EVERYTHING = getIntrospectionQuery({
  schemaDescription: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  inputValueDeprecation: true,
  oneOf: true,
});
const nested = (depth: number) => '{ self '.repeat(depth - 1) + '{ me }' + ' }'.repeat(depth - 1);
const aliased = (many: number) => `{ ${Array.from({ length: many }, (_, n) => `a${n}: me`).join(' ')} }`;
const directed = (many: number) => `{ me ${'@include(if: true) '.repeat(many)} }`;
const worded = (tokens: number) => `{ ${'me '.repeat(tokens - 2)}}`;

describe('an operation over HTTP', () => {
  it.each([
    ['deep', nested(10), nested(11)],
    [
      'deep through fragments',
      `{ ...A } fragment A on Query ${nested(10)}`,
      `{ ...A } fragment A on Query ${nested(11)}`,
    ],
    ['deep through inline fragments', `{ ... on Query ${nested(10)} }`, `{ ... on Query ${nested(11)} }`],
    ['aliased', aliased(15), aliased(16)],
    ['repetitive', `{ ${'me '.repeat(16)} }`, `{ ${'me '.repeat(17)} }`],
    ['repetitive in fragments', `{ ${'... { me } '.repeat(16)} }`, `{ ${'... { me } '.repeat(17)} }`],
    [
      'repetitive in spreads',
      `{ ${'...A '.repeat(16)} } fragment A on Query { me }`,
      `{ ${'...A '.repeat(17)} } fragment A on Query { me }`,
    ],
    ['aliased as __typename', `{ ${'__typename: me '.repeat(15)} }`, `{ ${'__typename: me '.repeat(16)} }`],
  ])('may be so %s, and no more', async (_what, allowed, excessive) => {
    const given = await givenServer();
    expect((await ask(given, allowed)).errors).toBeUndefined();
    const { status, code, errors, data } = await ask(given, excessive);
    expect([status, code, data]).toEqual([400, 'LIMIT_EXCEEDED', undefined]);
    expect(errors?.[0]?.message).toMatch(/limit of \d+ exceeded/);
    expect((await ask(given, excessive)).code).toBe('LIMIT_EXCEEDED');
  });

  it('may carry so many directives', async () => {
    const given = await givenServer();
    expect((await ask(given, directed(5))).code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await ask(given, directed(6))).code).toBe('LIMIT_EXCEEDED');
  });

  it('may be so long', async () => {
    const given = await givenServer({ limits: { tokens: 20, aliases: 20 } });
    expect((await ask(given, worded(20))).data).toEqual({ me: 'val' });
    for (let n = 0; n < 2; n++) expect((await ask(given, worded(21))).code).toBe('LIMIT_EXCEEDED');
  });

  it('is held to the configured limits', async () => {
    const given = await givenServer({ limits: { depth: 2 } });
    expect((await ask(given, nested(2))).data).toEqual({ self: { me: 'val' } });
    expect((await ask(given, nested(3))).code).toBe('LIMIT_EXCEEDED');
  });

  it('may cost so much: that operation of the document which is asked for, with its variables', async () => {
    const seen: unknown[] = [];
    const given = await givenServer({
      limits: { cost: 10 },
      cost: ({ operation, variables }) => {
        seen.push([operation.name?.value, variables]);
        return {
          total: Number(variables.of),
          dearest: () => ({ path: 'length', cost: Number(variables.of) }),
          itemCost: () => 1,
        };
      },
    });
    const query = 'query A { me } query B($of: Int!) { length(of: $of) }';
    const send = async (of: number) => {
      const response = await fetch(given.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN.viewer}` },
        body: JSON.stringify({ query, operationName: 'B', variables: { of } }),
      });
      return response.text();
    };
    expect(await send(10)).toBe('{"data":{"length":10},"extensions":{"cost":{"cost":10,"limit":10}}}');
    expect(await send(11)).toContain('"code":"LIMIT_EXCEEDED"');
    expect(seen).toEqual([
      ['B', { of: 10 }],
      ['B', { of: 11 }],
    ]);
  });

  it('may take so long, then the answer is an error and the signal is aborted', async () => {
    const given = await givenServer({ limits: { executionMs: 50 } });
    for (const query of ['{ hang me }', 'mutation { hang }']) {
      const { code, data, status, errors } = await ask(given, query);
      expect([status, code, data]).toEqual([400, 'LIMIT_EXCEEDED', undefined]);
      expect(errors?.[0]?.message).toContain('A mutation may still be carried out');
    }
    expect(given.world.aborted).toEqual(['hang', 'hang']);
  });
});

describe('introspection', () => {
  it('passes every default limit as the tools ask for it', async () => {
    const given = await givenServer({ production: true });
    const { data, errors } = await ask(given, EVERYTHING, { token: TOKEN.admin });
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema.types');
  });

  it('is for admins in production, also after an admin has asked the same', async () => {
    const given = await givenServer({ production: true });
    for (const query of [EVERYTHING, '{ __type(name: "Query") { name } }']) {
      await ask(given, query, { token: TOKEN.admin });
      expect((await ask(given, query)).code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect((await ask(given, query, { token: TOKEN.admin })).errors).toBeUndefined();
    }
    expect((await ask(given, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('is for everybody outside production', async () => {
    const given = await givenServer();
    expect((await ask(given, EVERYTHING)).errors).toBeUndefined();
  });
});

describe('operations a minute', () => {
  const limits = { operationsPerMinute: 3, serviceOperationsPerMinute: 5 };

  it('are limited for each principal, with the time to wait', async () => {
    let now = 1_000_000;
    const given = await givenServer({ limits, clock: { now: () => now } });
    for (const query of ['{ me }', '{ nothing }', '{ ']) await ask(given, query);
    now += 20_000;
    const { status, code, errors, headers } = await ask(given, '{ me }');
    expect([status, code, headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', '40']);
    expect(errors?.[0]?.extensions).toMatchObject({ retryable: true, retryAfterMs: 40_000 });
    expect((await ask(given, '{ me }', { token: TOKEN.admin })).status).toBe(200);
    now += 39_999;
    expect((await ask(given, '{ me }')).status).toBe(429);
    now += 1;
    expect((await ask(given, '{ me }')).status).toBe(200);
  });

  it('are more for a service', async () => {
    const given = await givenServer({ limits });
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await ask(given, '{ me }', { token: TOKEN.service })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('count over HTTP and WebSocket together', async () => {
    const given = await givenServer({ limits });
    const socket = await givenConnection(given, TOKEN.viewer);
    await ask(given, '{ me }');
    socket.subscribe('subscription { waits }', 'a');
    await subscribed(given, 1);
    await ask(given, '{ me }');
    socket.subscribe('subscription { waits }', 'b');
    expect((await socket.received('error', 'b')).payload?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect((await ask(given, '{ me }')).status).toBe(429);
  });
});

describe('a subscription over a WebSocket', () => {
  it.each([
    ['depth', { depth: 1 }, 'subscription { stumbles { n } }'],
    ['aliases', { aliases: 1 }, 'subscription { a: stumbles { b: n } }'],
    ['repeats', { aliases: 1 }, 'subscription { stumbles { n n n } }'],
    ['directives', { directives: 1 }, 'subscription { stumbles @include(if: true) { n @skip(if: false) } }'],
    ['tokens', { tokens: 5 }, 'subscription { stumbles { n value } }'],
  ])('is held to the same %s', async (_what, limits, query) => {
    const given = await givenServer({ limits });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe(query);
    expect((await socket.received('error')).payload?.[0]?.extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      retryable: false,
      retryAfterMs: null,
    });
    expect(socket.closing).toBeUndefined();
  });

  it('is held to the same cost', async () => {
    const given = await givenServer({
      cost: () => ({ total: 20_001, dearest: () => ({ path: 'waits', cost: 20_001 }), itemCost: () => 1 }),
    });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { waits }');
    expect((await socket.received('error')).payload?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    expect(await given.subscribers()).toBe(0);
  });

  it('may take so long for each event, and goes on', async () => {
    const given = await givenServer({ limits: { executionMs: 50 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    given.world.ledger.append('count', 1, 2, 3);
    socket.subscribe('subscription { stumbles { n value } }');
    await vi.waitFor(() => expect(socket.messages).toHaveLength(4));
    const events = socket.messages.slice(1).map(({ payload }) => payload);
    expect(events).toEqual([
      { data: { stumbles: { n: 1, value: '1' } } },
      {
        errors: [
          expect.objectContaining({
            extensions: expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as object,
          }),
        ],
      },
      { data: { stumbles: { n: 3, value: '3' } } },
    ]);
    expect(JSON.stringify(events)).not.toContain('"http"');
  });

  it.each([
    ['too slow', 50],
    ['given up', 10_000],
  ])('whose source is %s to open never begins', async (_what, executionMs) => {
    const given = await givenServer({ limits: { executionMs } });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { opensLate }');
    await vi.waitFor(() => expect(given.operations).toHaveLength(1));
    if (executionMs > 1_000) socket.terminate();
    else expect((await socket.received('error')).payload?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    await vi.waitFor(() => expect(given.operations[0]?.signal.aborted).toBe(true));
    given.world.letOpen();
    await ask(given, '{ me }');
    expect(await given.subscribers()).toBe(0);
  });

  it('waits for its next event as long as it takes', async () => {
    const given = await givenServer({ limits: { executionMs: 30 } });
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe('subscription { waits }', 'w');
    await subscribed(given, 1);
    // A whole operation times out meanwhile.
    expect((await ask(given, '{ hang }')).code).toBe('LIMIT_EXCEEDED');
    given.world.ledger.append('waits', 'late');
    expect((await socket.received('next', 'w')).payload).toEqual({ data: { waits: 'late' } });
  });
});
