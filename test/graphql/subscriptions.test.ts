import { describe, expect, test } from 'vitest';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { givenEngine, MINUTE, START } from '../support/given-engine.ts';
import { ADA, ANN, BEN, person, RUNNER, VAL } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { Answer, ask } from './ask.ts';
import { follow, following } from './follow.ts';
import { givenStory } from './given-story.ts';

const LEDGER = `subscription ($after: String, $filter: LedgerFilter) {
  event: ledgerAppended(after: $after, filter: $filter) { cursor entry { seq type agentId } } }`;
const ELIGIBLE = `subscription ($after: String, $filter: AgentFilter) {
  event: agentBecameEligible(after: $after, filter: $filter) {
    cursor at agent { agentId tier } evaluation { status currentTier targetTier evidence } candidacy { state fromTier } } }`;
const BEGINNING = writeCursor({ seq: 0, hash: '00000000' });

const seqs = (events: readonly Answer[]) => events.map((event) => event.one('event.entry.seq'));
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a subscription after a cursor', () => {
  test('replays everything after it, then goes on live, in order, without gap or repetition', async () => {
    const { app, engine } = await givenEngine();
    await record(
      app,
      Array.from({ length: 150 }, () => givenRun(START)),
    );
    const followed = await following(engine, ANN, LEDGER, { after: BEGINNING });
    const writes = (async () => {
      for (let index = 0; index < 40; index += 1)
        await record(
          app,
          Array.from({ length: 1 + (index % 9) }, () => givenRun(START)),
        );
    })();
    const found: unknown[] = [];
    while (found.length < 300) found.push(...seqs(await followed.take(1)));
    await writes;
    const { seq } = await app.store.reader.head();
    found.push(...seqs(await followed.take(seq - found.length)));
    expect(found).toEqual(upTo(seq));
  });

  test('resumes after the cursor of any event exactly behind it', async () => {
    const { app, engine } = await givenStory();
    const { seq } = await app.store.reader.head();
    const all = await (await following(engine, ANN, LEDGER, { after: BEGINNING })).take(seq);
    for (const index of [0, 1, 57, seq - 2]) {
      const after = all[index]?.text('event.cursor');
      const rest = await (await following(engine, ANN, LEDGER, { after })).take(seq - index - 1);
      expect(seqs(rest)).toEqual(upTo(seq, index + 2));
    }
  });

  test('that a query gave misses nothing that came after the query', async () => {
    const { app, engine } = await givenEngine();
    const { seq } = await app.store.reader.head();
    const after = (await ask(engine, ANN, '{ cursor agents { totalCount } }')).text('cursor');
    await record(app, [givenRun(START)]);
    const followed = await following(engine, ANN, LEDGER, { after });
    expect(seqs(await followed.take(2))).toEqual([seq + 1, seq + 2]);
  });

  test('that a mutation gave begins after what the mutation appended', async () => {
    const { app, engine } = await givenEngine();
    const recorded = await record(app, [givenRun(START)]);
    const followed = await following(engine, ANN, LEDGER, { after: writeCursor(recorded.cursor) });
    await record(app, [givenRun(START)]);
    expect(seqs(await followed.take(1))).toEqual([recorded.cursor.seq + 1]);
  });

  test('is refused if the cursor is malformed, beyond the end or of another ledger', async () => {
    const { app, engine } = await givenStory();
    const other = await givenEngine();
    await record(other.app, [givenRun(START)]);
    const head = await app.store.reader.head();
    const cursors = [
      '',
      'x',
      '💥',
      `${writeCursor(head)} `,
      writeCursor({ seq: 0, hash: 'ffffffff' }),
      writeCursor({ ...head, seq: head.seq + 1 }),
      writeCursor(await other.app.store.reader.head()),
      writeCursor({ seq: Number.MAX_SAFE_INTEGER, hash: head.hash }),
    ];
    for (const document of [LEDGER, ELIGIBLE])
      for (const after of cursors) {
        const refused = await follow(engine, ANN, document, { after });
        expect(refused instanceof Answer ? refused.codes : refused, after).toEqual(['INVALID_CURSOR']);
      }
  });
});

describe('a subscription without a cursor', () => {
  test('begins now', async () => {
    const { app, engine } = await givenStory();
    const { seq } = await app.store.reader.head();
    const followed = await following(engine, ANN, LEDGER);
    await record(app, [givenRun(START, { agentId: 'cy' })]);
    expect(seqs(await followed.take(1))).toEqual([seq + 1]);
  });

  test('hears what another engine on the same file commits', async () => {
    const { file, clock, engine } = await givenEngine();
    const other = await givenEngine({ file, clock });
    const followed = await following(engine, ANN, LEDGER);
    await record(other.app, [givenRun(START)]);
    expect((await followed.take(2)).map((event) => event.one('event.entry.type'))).toEqual([
      'AGENT_REGISTERED',
      'RUN_RECORDED',
    ]);
  });
});

describe('whoever goes away', () => {
  test('while waiting ends the wait', async () => {
    const { engine } = await givenEngine();
    const followed = await following(engine, ANN, LEDGER);
    const waiting = followed.next();
    await followed.end();
    expect(await waiting).toBeNull();
    expect(await followed.next()).toBeNull();
  });

  test('before the first event, between events and twice is let go', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START)]);
    const fresh = await following(engine, ANN, LEDGER, { after: BEGINNING });
    await fresh.end();
    const begun = await following(engine, ANN, LEDGER, { after: BEGINNING });
    await begun.next();
    await begun.end();
    await begun.end();
    expect([await fresh.next(), await begun.next()]).toEqual([null, null]);
  });

  test('holds up nobody else', async () => {
    const { app, engine } = await givenEngine();
    const [gone, stays] = [await following(engine, ANN, LEDGER), await following(engine, BEN, LEDGER)];
    const [first, second] = [gone.next(), stays.next()];
    await gone.end();
    await record(app, [givenRun(START)]);
    expect([await first, (await second)?.one('event.entry.type')]).toEqual([null, 'AGENT_REGISTERED']);
  });
});

describe('ledgerAppended', () => {
  test('is filtered like the ledger is', async () => {
    const { engine } = await givenStory();
    const iso = (instant: number) => new Date(instant).toISOString();
    const filters = [
      {},
      { agentId: ['bob', 'cy'] },
      { types: ['VIOLATION_REPORTED', 'AGENT_PROMOTED', 'POLICY_ADOPTED'] },
      { actor: ['ann', 'ben'] },
      { toTier: ['T0', 'T3'] },
      { from: iso(START + MINUTE), to: iso(START + 3 * MINUTE) },
      { agentId: ['eve'], types: ['AGENT_PROMOTED'], actor: ['ann'], toTier: ['T2'] },
    ];
    const document = `query ($filter: LedgerFilter) { ledger(filter: $filter, direction: ASC, first: 100) { nodes { seq } } }`;
    for (const filter of filters) {
      const expected = (await ask(engine, ANN, document, { filter })).all('ledger.nodes.seq');
      const followed = await following(engine, ANN, LEDGER, { after: BEGINNING, filter });
      expect(seqs(await followed.take(expected.length)), JSON.stringify(filter)).toEqual(expected);
    }
  });

  test('is refused a filter that is too long to be compared with every entry', async () => {
    const { engine } = await givenEngine();
    const long = 'x'.repeat(201);
    const many = Array.from({ length: 501 }, (_, index) => `agent-${index}`);
    for (const filter of [{ actor: [long] }, { agentId: many }]) {
      const refused = await follow(engine, ANN, LEDGER, { filter });
      expect(refused instanceof Answer ? refused.codes : refused).toEqual(['BAD_USER_INPUT']);
    }
    const refused = await follow(engine, ANN, ELIGIBLE, { filter: { search: long } });
    expect(refused instanceof Answer ? refused.codes : refused).toEqual(['BAD_USER_INPUT']);
  });

  test('tells of an actor who was unknown when it began', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const followed = await following(engine, ANN, LEDGER, { filter: { actor: ['zoe'] } });
    await promote(app, ANN, 'eve');
    await promote(app, person('zoe'), 'eve');
    expect((await followed.next())?.one('event.entry')).toMatchObject({ type: 'AGENT_PROMOTED' });
  });

  test('gives several subscribers the same, each at its own pace', async () => {
    const { app, engine } = await givenEngine();
    const followers = await Promise.all(
      [ANN, BEN, ADA, VAL, RUNNER].map((each) => following(engine, each, LEDGER)),
    );
    const reading = followers.map((each) => each.take(60));
    await Promise.all(Array.from({ length: 59 }, () => record(app, [givenRun(START)])));
    const { seq } = await app.store.reader.head();
    for (const events of await Promise.all(reading)) expect(seqs(events)).toEqual(upTo(seq, 2));
  });
});
