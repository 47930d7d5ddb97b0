import { describe, expect, it, vi } from 'vitest';
import { writeCursor } from '../../../src/governance/ledger/cursor.ts';
import { givenServer, subscribed, TOKEN, type Given } from '../given-server.ts';
import { givenConnection } from '../websocket/given-socket.ts';
import { givenStream } from '../given-stream.ts';

const WAITS = 'subscription Waits($after: String) { waits(after: $after) }';
const MARKS = 'subscription ($mark: String) { waits(mark: $mark) }';
const cursorAt = (seq: number) => writeCursor({ seq, hash: seq.toString(16).padStart(8, '0') });

/** Subscribes, and gives what was received of `waits` or `viewerWaits`, by whatever name. */
async function heard(given: Given, token: string, query: string, variables?: object) {
  const socket = await givenConnection(given, token);
  socket.subscribe(query, `${token} "1"`, variables);
  return () =>
    socket.messages.flatMap(({ id, payload }) =>
      id === undefined ? [] : Object.values(payload?.data ?? {}),
    );
}

describe('who asks the same and may see the same', () => {
  it('is answered once for all, each under the id of its own, over WebSocket and SSE', async () => {
    const given = await givenServer();
    const all = [];
    for (let n = 0; n < 10; n += 1) all.push(await heard(given, TOKEN.viewer, WAITS, {}));
    all.push(await heard(given, TOKEN.admin, WAITS, {}));
    const stream = await givenStream(given, TOKEN.service, WAITS);
    await subscribed(given, 12);
    for (const event of ['a', 'b', 'c']) given.world.ledger.append('waits', event);
    for (const events of all) await vi.waitFor(() => expect(events()).toEqual(['a', 'b', 'c']));
    await vi.waitFor(() => expect(stream.events).toHaveLength(3));
    expect(given.world.answers).toBe(3);
  });

  it('is so wherever it began', async () => {
    const given = await givenServer();
    given.world.ledger.append('waits', 'a', 'b', 'c');
    const all = [];
    for (const seq of [0, 1, 2, 3])
      all.push(await heard(given, TOKEN.viewer, WAITS, { after: cursorAt(seq) }));
    for (const [seq, events] of all.entries())
      await vi.waitFor(() => expect(events()).toEqual(['a', 'b', 'c'].slice(seq)));
    await subscribed(given, 4);
    given.world.answers = 0;
    given.world.ledger.append('waits', 'd', 'e');
    for (const [seq, events] of all.entries())
      await vi.waitFor(() => expect(events()).toEqual(['a', 'b', 'c', 'd', 'e'].slice(seq)));
    expect(given.world.answers).toBe(2);
  });

  it('is so whatever variables it sends that the document does not ask for', async () => {
    const given = await givenServer();
    const all = [];
    for (const more of [{}, { viewer: 1 }]) all.push(await heard(given, TOKEN.viewer, WAITS, more));
    const socket = await givenConnection(given, TOKEN.viewer);
    const nested = '['.repeat(20_000) + ']'.repeat(20_000);
    const payload = `{"query":${JSON.stringify(WAITS)},"variables":{"nested":${nested}}}`;
    socket.sendText(`{"id":"deep","type":"subscribe","payload":${payload}}`);
    await subscribed(given, 3);
    given.world.ledger.append('waits', 'a');
    for (const events of all) await vi.waitFor(() => expect(events()).toEqual(['a']));
    expect((await socket.received('next', 'deep')).payload?.data).toEqual({ waits: 'a' });
    expect(given.world.answers).toBe(1);
  });

  it('reads the ledger once for all', async () => {
    const given = await givenServer();
    const all = [];
    for (let n = 0; n < 10; n += 1) all.push(await heard(given, TOKEN.viewer, `${WAITS} # ${n}`, {}));
    await subscribed(given, 10);
    const before = given.world.ledger.reads;
    given.world.ledger.append('waits', 'a');
    for (const events of all) await vi.waitFor(() => expect(events()).toEqual(['a']));
    expect(given.world.ledger.reads - before).toBeLessThan(4);
  });

  it('is not read for once it has gone', async () => {
    const given = await givenServer();
    const socket = await givenConnection(given, TOKEN.viewer);
    socket.subscribe(WAITS);
    await subscribed(given, 1);
    socket.terminate();
    await subscribed(given, 0);
    const before = given.world.ledger.reads;
    given.world.ledger.append('waits', 'a');
    await heard(given, TOKEN.viewer, WAITS, { after: cursorAt(1) });
    await subscribed(given, 1);
    expect(given.world.ledger.reads - before).toBeLessThanOrEqual(1);
    expect(given.world.answers).toBe(0);
  });
});

describe('who may be answered otherwise', () => {
  it.each([
    ['asks another document', WAITS, `${WAITS} # other`, {}, {}],
    ['asks with other variables', MARKS, MARKS, { mark: '1' }, { mark: '2' }],
    [
      'uses the place where it begins for something else too',
      'subscription ($x: String) { waits(after: $x, mark: $x) }',
      'subscription ($x: String) { waits(after: $x, mark: $x) }',
      { x: cursorAt(0) },
      { x: null },
    ],
  ])('%s', async (_why, one, other, first, second) => {
    const given = await givenServer();
    const all = [
      await heard(given, TOKEN.viewer, one, first),
      await heard(given, TOKEN.viewer, other, second),
    ];
    await subscribed(given, 2);
    given.world.ledger.append('waits', 'a');
    for (const events of all) await vi.waitFor(() => expect(events()).toEqual(['a']));
    expect(given.world.answers).toBe(2);
  });

  it('sees other agents', async () => {
    const given = await givenServer({
      principals: [
        { token: 'all', id: 'val', kind: 'person', roles: ['viewer'] },
        { token: 'some', id: 'sam', kind: 'person', roles: ['viewer'], agents: ['payments-*'] },
        { token: 'itself', id: 'payments-planner', kind: 'agent', roles: ['recorder'] },
      ],
    });
    for (const token of ['all', 'some', 'itself']) await heard(given, token, WAITS, {});
    await subscribed(given, 3);
    given.world.ledger.append('waits', 'a');
    await vi.waitFor(() => expect(given.world.answers).toBe(3));
  });

  it('asks about itself', async () => {
    const given = await givenServer();
    const query = 'subscription { viewerWaits }';
    for (const token of [TOKEN.viewer, TOKEN.viewer, TOKEN.admin]) await heard(given, token, query);
    await subscribed(given, 3);
    given.world.ledger.append('viewerWaits', 'a');
    await vi.waitFor(() => expect(given.world.answers).toBe(2));
    expect(new Set(given.operations.map(({ principal }) => principal.id))).toEqual(new Set(['val', 'root']));
  });
});
