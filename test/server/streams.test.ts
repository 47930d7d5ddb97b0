import { describe, expect, it, vi } from 'vitest';
import { ask } from './ask.ts';
import { givenServer, PRINCIPALS, TOKEN, type Given } from './given-server.ts';
import { givenConnection, givenSocket } from './given-socket.ts';
import { givenStream } from './given-stream.ts';

const waiting = (given: Given, many: number) =>
  vi.waitFor(() => expect(given.world.waiting.size).toBe(many), 5_000);

describe('a subscription over SSE', () => {
  it('answers every event and says when there is no more to come', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { count(to: 3) }');
    expect(await stream.closed()).toBe('completed');
    expect(stream.status).toBe(200);
    expect(stream.events).toEqual([{ data: { count: 1 } }, { data: { count: 2 } }, { data: { count: 3 } }]);
    expect(stream.text).toContain('event: complete');
  });

  it('is sent event by event', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await waiting(given, 1);
    for (const event of ['first', 'second']) {
      for (const source of given.world.waiting) source.send(event);
      await vi.waitFor(() => expect(stream.events.at(-1)).toEqual({ data: { waits: event } }), 5_000);
    }
    expect(stream.ended).toBeUndefined();
  });

  it.each([
    ['wrong', 'subscription { waits }', 401, 'UNAUTHENTICATED'],
    [TOKEN.viewer, 'subscription { nothing }', 200, 'GRAPHQL_VALIDATION_FAILED'],
    [TOKEN.viewer, `subscription { ${'a: waits '.repeat(16)} }`, 200, 'LIMIT_EXCEEDED'],
    [TOKEN.viewer, 'subscription { refused(code: "INVALID_CURSOR") }', 200, 'INVALID_CURSOR'],
  ])('is refused as any other operation: %s %s', async (token, query, status, code) => {
    const given = await givenServer();
    const stream = await givenStream(given, token, query);
    await stream.closed();
    expect([stream.status, stream.events[0]?.errors?.[0]?.extensions.code]).toEqual([status, code]);
  });

  it('reports an event that took too long, and one that broke', async () => {
    const given = await givenServer({ limits: { executionMs: 50 } });
    const slow = await givenStream(given, TOKEN.viewer, 'subscription { stumbles { n value } }');
    await slow.closed();
    expect(slow.events.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      undefined,
      'LIMIT_EXCEEDED',
      undefined,
    ]);
    const broken = await givenStream(given, TOKEN.viewer, 'subscription { breaks }');
    await broken.closed();
    expect(broken.events.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([undefined, 'INTERNAL']);
    expect(slow.text + broken.text).not.toMatch(/"http"|secret/);
  });

  it('makes nothing that its client does not take', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { flood(bytes: 60000) }');
    stream.stall();
    const made = async () => {
      const before = given.operations.length;
      await ask(given, '{ me }');
      return given.operations.length - before;
    };
    await vi.waitFor(async () => expect(await made()).toBe(1), 5_000);
    expect(given.operations.length).toBeLessThan(1_000);
  });

  it('returns its source when the client is gone', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await waiting(given, 1);
    stream.terminate();
    await waiting(given, 0);
    expect(given.operations.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it('returns its source when the client accepts no stream', async () => {
    const given = await givenServer();
    const { status } = await fetch(given.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${TOKEN.viewer}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: JSON.stringify({ query: 'subscription { waits }' }),
    });
    expect(status).toBe(406);
    await waiting(given, 0);
  });

  it('counts as one of the connections that a principal may hold, until it ends', async () => {
    const given = await givenServer({ limits: { socketsPerPrincipal: 2 } });
    await givenConnection(given, TOKEN.viewer);
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await waiting(given, 1);
    const refused = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await refused.closed();
    expect(refused.events[0]?.errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    const socket = await givenSocket(given);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN.viewer}` } });
    expect((await socket.closed()).code).toBe(1013);
    expect((await ask(given, '{ me }')).status).toBe(200);
    stream.terminate();
    await waiting(given, 0);
    const done = await givenStream(given, TOKEN.viewer, 'subscription { count(to: 1) }');
    expect(await done.closed()).toBe('completed');
  });

  it('is cut off, not completed, when its principal loses its token', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await waiting(given, 1);
    await given.savePrincipals(PRINCIPALS.slice(1));
    expect(await stream.closed()).toBe('cut off');
    expect(stream.text).not.toContain('complete');
    await waiting(given, 0);
  });
});
