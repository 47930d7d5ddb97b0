import { describe, expect, it, vi } from 'vitest';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
import { ask } from './ask.ts';
import { givenServer, PRINCIPALS, subscribed, TOKEN } from './given-server.ts';
import { givenConnection, givenSocket } from './websocket/given-socket.ts';
import { givenStream } from './given-stream.ts';

const cursorAt = (seq: number) => writeCursor({ seq, hash: seq.toString(16).padStart(8, '0') });

describe('a subscription over SSE', () => {
  it('is sent event by event, each with the cursor to resume after', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    expect(stream.status).toBe(200);
    await vi.waitFor(() => expect(stream.ids).toEqual([cursorAt(0)]));
    for (const [index, event] of ['first', 'second'].entries()) {
      given.world.ledger.append('waits', event);
      await vi.waitFor(() => expect(stream.events.at(-1)).toEqual({ data: { waits: event } }), 5_000);
      expect(stream.ids.at(-1)).toBe(cursorAt(index + 1));
    }
    expect(stream.ended).toBeUndefined();
  });

  it('resumes after the last event that it had, whatever its arguments say', async () => {
    const given = await givenServer();
    given.world.ledger.append('waits', 'a', 'b', 'c', 'd');
    const query = `subscription { waits(after: "${cursorAt(1)}") }`;
    const whole = await givenStream(given, TOKEN.viewer, query);
    await vi.waitFor(() => expect(whole.events).toHaveLength(3));
    const resumed = await givenStream(given, TOKEN.viewer, query, { 'last-event-id': whole.ids.at(2) ?? '' });
    await vi.waitFor(() => expect(resumed.events).toEqual([{ data: { waits: 'd' } }]));
    expect(resumed.ids).toEqual([cursorAt(3), cursorAt(4)]);
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
    given.world.ledger.append('count', 1, 2, 3);
    for (const [query, code] of [
      ['subscription { stumbles { n value } }', 'LIMIT_EXCEEDED'],
      ['subscription { bugs }', 'INTERNAL'],
    ] as const) {
      const stream = await givenStream(given, TOKEN.viewer, query);
      await vi.waitFor(() => expect(stream.events).toHaveLength(3), 5_000);
      expect(stream.events.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
        undefined,
        code,
        undefined,
      ]);
      expect(stream.text).not.toMatch(/"http"|secret/);
    }
  });

  it('makes nothing that its client does not take, and is cut off if that lasts', async () => {
    const given = await givenServer();
    given.world.ledger.append('flood', ...Array.from({ length: 2_000 }, (_, index) => index));
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { flood(bytes: 60000) }');
    stream.stall();
    const made = async () => {
      const before = given.world.answers;
      await ask(given, '{ me }');
      return given.world.answers - before;
    };
    await vi.waitFor(async () => expect(await made()).toBe(0), 5_000);
    expect(given.world.answers).toBeLessThan(1_000);
    await vi.waitFor(async () => expect(await given.subscribers()).toBe(0), 9_000);
  });

  it('returns its source when the client is gone', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await subscribed(given, 1);
    stream.terminate();
    await subscribed(given, 0);
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
    await subscribed(given, 0);
  });

  it('counts as one of the connections that a principal may hold, until it ends', async () => {
    const given = await givenServer({ limits: { socketsPerPrincipal: 2 } });
    await givenConnection(given, TOKEN.viewer);
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await subscribed(given, 1);
    const refused = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await refused.closed();
    expect(refused.events[0]?.errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    const socket = await givenSocket(given);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN.viewer}` } });
    expect((await socket.closed()).code).toBe(1013);
    expect((await ask(given, '{ me }')).status).toBe(200);
    stream.terminate();
    await subscribed(given, 0);
    expect((await givenStream(given, TOKEN.viewer, 'subscription { waits }')).status).toBe(200);
    await subscribed(given, 1);
  });

  it('is cut off, not completed, when its principal loses its token', async () => {
    const given = await givenServer();
    const stream = await givenStream(given, TOKEN.viewer, 'subscription { waits }');
    await subscribed(given, 1);
    await given.savePrincipals(PRINCIPALS.slice(1));
    expect(await stream.closed()).toBe('cut off');
    expect(stream.text).not.toContain('complete');
    await subscribed(given, 0);
  });
});
