import { describe, expect, test } from 'vitest';
import { agent, ANN, person } from '../support/given-principal.ts';
import { ask } from './ask.ts';
import { givenFleet, type FleetAgent } from './given-fleet.ts';

const LIST = `query ($filter: AgentFilter, $orderBy: AgentOrder, $first: Int, $after: String) {
  agents(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { agentId }
    edges { cursor node { agentId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    counts { tier status count }
  }
}`;

type Fleet = Awaited<ReturnType<typeof givenFleet>>;
type Asked = Readonly<Record<string, unknown>>;

/** Every id of a list, page by page, each page checked for what it says of itself and of the whole. */
async function walk(
  { engine, fleet }: Fleet,
  asked: Asked,
  by = ANN,
  list = LIST,
): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  for (let after: string | null = null; ;) {
    const page = await ask(engine, by, list, { ...asked, after });
    expect(page.codes).toEqual([]);
    const [nodes, cursors] = [page.all('agents.nodes.agentId'), page.all('agents.edges.cursor')];
    expect(page.all('agents.edges.node.agentId')).toEqual(nodes);
    expect(page.one('agents.pageInfo')).toMatchObject({
      hasPreviousPage: after !== null,
      startCursor: cursors.at(0) ?? null,
      endCursor: cursors.at(-1) ?? null,
    });
    ids.push(...nodes);
    if (page.one('agents.pageInfo.hasNextPage') !== true) {
      expect(page.one('agents.totalCount')).toBe(ids.length);
      expect(page.all('agents.counts')).toEqual(
        countsOf(fleet.filter(({ agentId }) => ids.includes(agentId))),
      );
      return ids;
    }
    after = page.text('agents.pageInfo.endCursor');
  }
}

/** How many have each tier and answer, none where there are none. */
function countsOf(fleet: readonly FleetAgent[]): readonly object[] {
  const kinds = [...new Set(fleet.map(({ tier, status }) => `${tier} ${status}`))].sort();
  return kinds.map((kind) => {
    const [tier, status] = kind.split(' ');
    return {
      tier,
      status,
      count: fleet.filter((each) => each.tier === tier && each.status === status).length,
    };
  });
}

const VALUES: Readonly<Record<string, (agent: FleetAgent) => string | number | null>> = {
  AGENT_ID: (each) => each.agentId,
  TIER: (each) => each.tier,
  ELIGIBLE_SINCE: (each) => each.eligibleSince,
  ELIGIBLE_AT: (each) => each.eligibleAt,
  LAST_ACTIVE_AT: (each) => each.lastActiveAt,
};

/** By value, agents without one last; ties by name in the same direction. */
function ordered(fleet: readonly FleetAgent[], field: string, direction: string): readonly string[] {
  const valueOf = VALUES[field] ?? (() => null);
  const sign = direction === 'ASC' ? 1 : -1;
  const compare = (a: string | number, b: string | number) => (a < b ? -sign : a > b ? sign : 0);
  return fleet
    .toSorted((a, b) => {
      const [left, right] = [valueOf(a), valueOf(b)];
      if (left === null || right === null)
        return Number(left === null) - Number(right === null) || compare(a.agentId, b.agentId);
      return compare(left, right) || compare(a.agentId, b.agentId);
    })
    .map(({ agentId }) => agentId);
}

const inService = (fleet: readonly FleetAgent[]) => fleet.filter((each) => !each.retired);
const sorted = (fleet: readonly FleetAgent[]) => ordered(fleet, 'AGENT_ID', 'ASC');

describe('pages of every order hold every agent exactly once', () => {
  for (const field of Object.keys(VALUES))
    for (const direction of ['ASC', 'DESC'])
      test(`${field} ${direction}`, async () => {
        const given = await givenFleet();
        const expected = ordered(inService(given.fleet), field, direction);
        for (const first of [1, 7, 100])
          expect(await walk(given, { first, orderBy: { field, direction } })).toEqual(expected);
        const limited = person('pam', ['VIEWER'], { agents: ['a*', 'b1*'] });
        const seen = expected.filter((agentId) => /^(a|b1)/.test(agentId));
        expect(await walk(given, { first: 3, orderBy: { field, direction } }, limited)).toEqual(seen);
      });
});

describe('a filter', () => {
  const holds: [object, (each: FleetAgent) => boolean][] = [
    [{}, (each) => !each.retired],
    [{ retired: null }, () => true],
    [{ retired: true }, (each) => each.retired],
    [{ tier: ['T1', 'T4'] }, (each) => !each.retired && ['T1', 'T4'].includes(each.tier)],
    [{ tier: [] }, () => false],
    [{ status: ['PENDING_REVIEW'], retired: null }, (each) => each.status === 'PENDING_REVIEW'],
    [
      { owner: ['olga', 'oda', 'nobody'], retired: null },
      (each) => ['olga', 'oda'].includes(each.owner ?? ''),
    ],
    [{ suspended: true, retired: null }, (each) => each.suspended],
    [{ suspended: false, tier: ['T2'], retired: null }, (each) => !each.suspended && each.tier === 'T2'],
    [{ search: 'b', retired: null }, (each) => each.agentId.includes('b')],
    [{ search: 'a_', retired: null }, (each) => each.agentId.includes('a_')],
    [{ search: '_', retired: null }, (each) => each.agentId.includes('_')],
    [{ search: '.', retired: null }, (each) => each.agentId.includes('.')],
    [{ search: 'B', retired: null }, (each) => each.agentId.includes('b')],
    [{ search: '%', retired: null }, () => false],
    [{ search: '\\', retired: null }, () => false],
    [{ search: '*', retired: null }, () => false],
    [{ search: '\0', retired: null }, () => false],
    [{ search: 'b\0c', retired: null }, () => false],
    [{ search: '', retired: null }, () => true],
  ];

  test('of any kind gives what it says and nothing else', async () => {
    const given = await givenFleet();
    for (const [filter, matches] of holds)
      expect(await walk(given, { first: 50, filter }), JSON.stringify(filter)).toEqual(
        sorted(given.fleet.filter(matches)),
      );
  });

  test('of names gives those, once each, and none that the caller may not see', async () => {
    const given = await givenFleet();
    const names = inService(given.fleet)
      .map(({ agentId }) => agentId)
      .slice(0, 9);
    const filter = { agentId: [...names, ...names, 'nobody'] };
    expect(await walk(given, { filter })).toEqual(names.toSorted());
    expect(await walk(given, { filter }, agent(names[4] ?? ''))).toEqual([names[4]]);
  });

  test('of more values, or longer ones, than a statement holds is refused, never cut', async () => {
    const { engine } = await givenFleet(1);
    const many = Array.from({ length: 501 }, (_, index) => `a${index}`);
    for (const filter of [{ agentId: many }, { owner: many }, { search: 'x'.repeat(201) }])
      expect((await ask(engine, ANN, LIST, { filter })).codes).toEqual(['BAD_USER_INPUT']);
    const longest = { owner: ['💩'.repeat(200)] };
    expect((await ask(engine, ANN, LIST, { filter: longest })).codes).toEqual([]);
  });
});

test('eligible agents are those that wait for a decision, longest waiting first', async () => {
  const given = await givenFleet();
  const list = LIST.replace('agents(', 'agents: eligibleAgents(');
  const waiting = inService(given.fleet).filter(({ status }) => status !== 'NOT_ELIGIBLE');
  expect(
    await walk(
      given,
      { first: 9 },
      ANN,
      list.replace(', $orderBy: AgentOrder', '').replace('orderBy: $orderBy,', ''),
    ),
  ).toEqual(ordered(waiting, 'ELIGIBLE_SINCE', 'ASC'));
  expect(await walk(given, { first: 9, orderBy: null }, ANN, list)).toEqual(
    ordered(waiting, 'ELIGIBLE_SINCE', 'ASC'),
  );
  const orderBy = { field: 'TIER', direction: 'DESC' };
  const filter = { status: ['PENDING_REVIEW'] };
  expect(await walk(given, { first: 4, orderBy, filter }, ANN, list)).toEqual(
    ordered(
      waiting.filter(({ status }) => status === 'PENDING_REVIEW'),
      'TIER',
      'DESC',
    ),
  );
  expect(await walk(given, { filter: { status: ['NOT_ELIGIBLE'] } }, ANN, list)).toEqual([]);
});

describe('a page', () => {
  test('holds 25 by default, at most 100, and none if none is asked for', async () => {
    const { engine } = await givenFleet();
    const page = await ask(engine, ANN, '{ agents { nodes { agentId } pageInfo { hasNextPage } } }');
    expect(page.all('agents.nodes')).toHaveLength(25);
    const none = await ask(engine, ANN, LIST, { first: 0 });
    expect(none.all('agents.nodes')).toEqual([]);
  });

  test.each([-1, 101, 2_147_483_647])('of %i is refused', async (first) => {
    const { engine } = await givenFleet(1);
    expect((await ask(engine, ANN, LIST, { first })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('after a cursor that this list did not give in this order is refused', async () => {
    const { engine } = await givenFleet(3);
    const write = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
    const other = await ask(engine, ANN, LIST, { first: 1, orderBy: { field: 'TIER' } });
    const ledger = await ask(engine, ANN, '{ cursor ledger(first: 1) { edges { cursor } } }');
    const cursors = [
      '',
      'x',
      '💥',
      'null',
      '[]',
      write(null),
      write([]),
      write({}),
      other.text('agents.edges.cursor'),
      ledger.text('cursor'),
      ledger.text('ledger.edges.cursor'),
      ...[null, 1, 'x', {}, [], true].map((value) => write(['agents LAST_ACTIVE_AT ASC', value])),
      ...['x', 1.5, {}, [], true, 1e300].map((value) => write(['agents LAST_ACTIVE_AT ASC', value, 'a'])),
      ...[null, 1, {}, []].map((name) => write(['agents LAST_ACTIVE_AT ASC', 1, name])),
      write(['agents LAST_ACTIVE_AT ASC', 1, 'a', 'b']),
    ];
    for (const after of cursors) {
      const page = await ask(engine, ANN, LIST, { after, orderBy: { field: 'LAST_ACTIVE_AT' } });
      expect(page.codes, after).toEqual(['INVALID_CURSOR']);
    }
    for (const value of ['T9', null, 3, {}]) {
      const after = write(['agents TIER ASC', value, 'a']);
      const page = await ask(engine, ANN, LIST, { after, orderBy: { field: 'TIER' } });
      expect(page.codes, after).toEqual(['INVALID_CURSOR']);
    }
  });
});
