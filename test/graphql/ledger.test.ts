import { describe, expect, test } from 'vitest';
import type { StoredEntry } from '../../src/app/ports/ledger.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { DAY, givenEngine, MINUTE, START } from '../support/given-engine.ts';
import { ANN, person } from '../support/given-principal.ts';
import { ask } from './ask.ts';
import { givenStory } from './given-story.ts';

const LEDGER = `query ($filter: LedgerFilter, $direction: OrderDirection, $first: Int, $after: String) {
  list: ledger(filter: $filter, direction: $direction, first: $first, after: $after) {
    nodes { seq type agentId at recordedAt actor { id kind } ...on TierChange { toTier } }
    edges { cursor node { seq } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;
const HISTORY = LEDGER.replace('list: ledger', 'agent(agentId: "bob") { list: history').replace(/}$/, '}}');

type Story = Awaited<ReturnType<typeof givenStory>>;

async function walk({ engine }: Story, asked: object, { list = LEDGER, by = ANN, at = 'list' } = {}) {
  const seqs: unknown[] = [];
  for (let after: string | null = null; ;) {
    const page = await ask(engine, by, list, { ...asked, after });
    expect(page.codes).toEqual([]);
    const nodes = page.all(`${at}.nodes.seq`);
    expect(page.all(`${at}.edges.node.seq`)).toEqual(nodes);
    seqs.push(...nodes);
    if (page.one(`${at}.pageInfo.hasNextPage`) !== true) {
      expect(page.one(`${at}.totalCount`)).toBe(seqs.length);
      return seqs;
    }
    after = page.text(`${at}.pageInfo.endCursor`);
  }
}

const seqsOf = (entries: readonly StoredEntry[]) => entries.map(({ seq }) => seq);

describe('pages of the ledger hold every entry exactly once', () => {
  test('in both directions, of any size', async () => {
    const given = await givenStory();
    const seqs = seqsOf(await given.app.store.reader.entriesAfter(0, 10_000));
    expect(seqs.length).toBeGreaterThan(160);
    for (const first of [7, 100]) {
      expect(await walk(given, { first })).toEqual(seqs.toReversed());
      expect(await walk(given, { first, direction: 'ASC' })).toEqual(seqs);
    }
  });

  test('though entries are appended while somebody reads them', async () => {
    const given = await givenStory();
    const before = seqsOf(await given.app.store.reader.entriesAfter(0, 10_000));
    const found: unknown[] = [];
    for (let after: string | null = null; ;) {
      const page = await ask(given.engine, ANN, LEDGER, { first: 50, after });
      found.push(...page.all('list.nodes.seq'));
      await record(given.app, [givenRun(START)]);
      if (page.one('list.pageInfo.hasNextPage') !== true) break;
      after = page.text('list.pageInfo.endCursor');
    }
    expect(found).toEqual(before.toReversed());
  });

  test('about one agent, in its history', async () => {
    const given = await givenStory();
    const entries = await given.app.store.reader.entriesAfter(0, 10_000);
    const own = seqsOf(entries.filter(({ agentId }) => agentId === 'bob'));
    const at = { list: HISTORY, at: 'agent.list' };
    expect(await walk(given, { first: 9 }, at)).toEqual(own.toReversed());
    expect(await walk(given, { first: 100, direction: 'ASC' }, at)).toEqual(own);
  });
});

describe('a filter of entries', () => {
  test('gives what it says and nothing else', async () => {
    const given = await givenStory();
    const { app } = given;
    const entries = await app.store.reader.entriesAfter(0, 10_000);
    const keys = await app.store.reader.knownKeys(['ann', 'ben', 'runner']);
    const iso = (instant: number) => new Date(instant).toISOString();
    const holds: [object, (entry: StoredEntry) => boolean][] = [
      [{}, () => true],
      [{ agentId: ['bob', 'cy', 'nobody'] }, ({ agentId }) => agentId === 'bob' || agentId === 'cy'],
      [{ agentId: [] }, () => false],
      [{ types: ['VIOLATION_REPORTED', 'POLICY_ADOPTED'] }, ({ type }) => /^(VIOL|POLICY)/.test(type)],
      [{ actor: ['ben'] }, ({ actorKey }) => actorKey === keys.get('ben')],
      [{ actor: ['ann', 'nobody'], types: ['AGENT_PROMOTED'] }, (entry) => entry.type === 'AGENT_PROMOTED'],
      [{ actor: ['nobody'] }, () => false],
      [{ toTier: ['T2', 'T0'] }, ({ payload }) => 'toTier' in payload && /T[02]/.test(payload.toTier)],
      [{ from: iso(START + MINUTE) }, ({ at }) => at >= START + MINUTE],
      [{ to: iso(START + MINUTE) }, ({ at }) => at <= START + MINUTE],
      [{ from: iso(START + MINUTE), to: iso(START + MINUTE) }, ({ at }) => at === START + MINUTE],
      [{ from: iso(START + DAY) }, () => false],
    ];
    for (const [filter, matches] of holds) {
      const expected = seqsOf(entries.filter(matches));
      expect(await walk(given, { first: 100, filter, direction: 'ASC' }), JSON.stringify(filter)).toEqual(
        expected,
      );
    }
  });

  test('of an agent’s history may name other agents, in vain', async () => {
    const given = await givenStory();
    const at = { list: HISTORY, at: 'agent.list' };
    expect(await walk(given, { filter: { agentId: ['eve'] } }, at)).toEqual([]);
  });
});

describe('the promotion history', () => {
  const PROMOTIONS = `query ($agentId: String, $filter: LedgerFilter, $first: Int) {
    promotionHistory(agentId: $agentId, filter: $filter, first: $first) {
      totalCount nodes { agentId type ...on TierChange { fromTier toTier } }
    }
  }`;

  test('holds the tier changes, newest first, of one agent or of all', async () => {
    const { engine } = await givenStory();
    const own = await ask(engine, ANN, PROMOTIONS, { agentId: 'eve' });
    expect(own.all('promotionHistory.nodes')).toEqual([
      { agentId: 'eve', type: 'AGENT_PROMOTED', fromTier: 'T2', toTier: 'T3' },
      { agentId: 'eve', type: 'AGENT_PROMOTED', fromTier: 'T1', toTier: 'T2' },
      { agentId: 'eve', type: 'AGENT_PROMOTED', fromTier: 'T0', toTier: 'T1' },
      { agentId: 'eve', type: 'AGENT_REGISTERED', fromTier: null, toTier: 'T0' },
    ]);
    const all = await ask(engine, ANN, PROMOTIONS);
    expect(all.one('promotionHistory.totalCount')).toBe(8);
    expect(all.all('promotionHistory.nodes')).toContainEqual({
      agentId: 'bob',
      type: 'AGENT_REVOKED',
      fromTier: 'T0',
      toTier: 'T0',
    });
    const filter = { types: ['AGENT_PROMOTED'], toTier: ['T1', 'T2'] };
    const some = await ask(engine, ANN, PROMOTIONS, { filter, first: 1 });
    expect(some.one('promotionHistory')).toMatchObject({ totalCount: 2, nodes: [{ toTier: 'T2' }] });
  });

  test('is that of the agents that the caller may see', async () => {
    const { engine } = await givenStory();
    const limited = person('pam', ['VIEWER'], { agents: ['b*'] });
    const seen = await ask(engine, limited, PROMOTIONS);
    expect(seen.all('promotionHistory.nodes.agentId')).toEqual(['bob', 'bob']);
    expect(
      (await ask(engine, limited, PROMOTIONS, { agentId: 'eve' })).all('promotionHistory.nodes'),
    ).toEqual([]);
  });
});

test('a cursor of another ledger, beyond the end, malformed or of another list is refused', async () => {
  const { app, engine } = await givenStory();
  const other = await givenEngine();
  await record(other.app, [givenRun(START), givenRun(START)]);
  const foreign = (await ask(other.engine, ANN, LEDGER, { first: 1 })).text('list.pageInfo.endCursor');
  const agents = await ask(engine, ANN, '{ agents(first: 1) { pageInfo { endCursor } } }');
  const { seq } = await app.store.reader.head();
  const beyond = Buffer.from(`${seq + 1}.00000000`).toString('base64url');
  const own = (await ask(engine, ANN, LEDGER, { first: 1 })).text('list.pageInfo.endCursor');
  const wrong = [foreign, beyond, '', 'x', `${own}=`, ` ${own}`, agents.text('agents.pageInfo.endCursor')];
  for (const after of wrong)
    expect((await ask(engine, ANN, LEDGER, { after })).codes, after).toEqual(['INVALID_CURSOR']);
  expect((await ask(engine, ANN, LEDGER, { after: own })).codes).toEqual([]);
  for (const first of [-1, 101])
    expect((await ask(engine, ANN, LEDGER, { first })).codes).toEqual(['BAD_USER_INPUT']);
});

test('the ledger’s cursor stands before the answer: what is appended later comes after it', async () => {
  const { app, engine } = await givenStory();
  const after = (await ask(engine, ANN, '{ cursor }')).text('cursor');
  expect((await ask(engine, ANN, LEDGER, { after, direction: 'ASC' })).all('list.nodes')).toEqual([]);
  await record(app, [givenRun(START)]);
  const later = await ask(engine, ANN, LEDGER, { after, direction: 'ASC' });
  expect(later.all('list.nodes')).toMatchObject([
    { type: 'RUN_RECORDED', agentId: 'eve', actor: { id: 'runner', kind: 'SERVICE' } },
  ]);
});
