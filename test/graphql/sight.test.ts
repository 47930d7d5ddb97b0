import { describe, expect, test } from 'vitest';
import { rootFields, ROOT_RIGHTS } from '../../src/graphql/root-rights.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { promote } from '../support/given-agent.ts';
import type { GivenEngine } from '../support/given-engine.ts';
import { START } from '../support/given-engine.ts';
import { agent, ANN, person, service } from '../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { ask } from './ask.ts';
import { following } from './follow.ts';
import { AGENTS, givenStory } from './given-story.ts';

const EVERYTHING = ['VIEWER', 'RECORDER', 'REVIEWER', 'ADMIN', 'AUDITOR'] as const;

/** Who sees which agents of the story. */
const CALLERS: readonly (readonly [string, Principal, readonly string[]])[] = [
  ['a person limited to nothing', person('pat', EVERYTHING, { agents: [] }), []],
  ['a person limited to one agent', person('pat', EVERYTHING, { agents: ['bob'] }), ['bob']],
  ['a person limited to patterns', person('pat', EVERYTHING, { agents: ['c*', 'do*', 'e'] }), ['cy', 'dot']],
  ['a service limited to a pattern', service('bot', EVERYTHING, { agents: ['b*'] }), ['bob']],
  ['an agent', agent('eve', EVERYTHING), ['eve']],
  ['an agent limited to others', agent('eve', EVERYTHING, { agents: ['bob'] }), []],
  ['an agent whose name is no agent id', agent('Eve *', EVERYTHING), []],
  ['an agent that does not exist', agent('nobody', EVERYTHING), []],
];

const NODES = `nodes { agentId agent { agentId } actor { id }
  ... on EligibilityLostEntry { candidacy { agent { agentId } } cause { agentId } }
  ... on RunRecordedEntry { run { agentId } } ... on ViolationReportedEntry { violation { agentId run { agentId } } } }`;

/** Every id of an agent in an answer. */
function agentIds(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(agentIds);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'agentId' && typeof inner === 'string' ? [inner] : agentIds(inner),
  );
}

async function idsOfNodes({ engine }: GivenEngine): Promise<readonly string[]> {
  const answer = await ask(
    engine,
    ANN,
    `{ agents { nodes { id runs { nodes { id } } violations { nodes { id } } candidacies { nodes { id } } } } }`,
  );
  return ['', 'runs.nodes.', 'violations.nodes.', 'candidacies.nodes.'].flatMap(
    (list) => answer.all(`agents.nodes.${list}id`) as string[],
  );
}

describe.each(CALLERS)('%s', (_, caller, seen) => {
  /** Each root field that shows agents, asked so that it would show all there are. */
  const QUERIES: Readonly<Record<string, readonly string[]>> = {
    'Query.agent': AGENTS.map(
      (agentId) => `{ agent(agentId: "${agentId}") { agentId history { ${NODES} } } }`,
    ),
    'Query.agents': [
      '{ agents(filter: { retired: null }) { totalCount nodes { agentId } } }',
      `{ agents(filter: { agentId: ${JSON.stringify(AGENTS)} }, orderBy: { field: TIER }) { nodes { agentId } } }`,
      '{ agents(filter: { search: "", viewerCanPromote: true }) { totalCount nodes { agentId } } }',
      '{ agents(filter: { viewerCanPromote: false, owner: ["olga"] }) { totalCount nodes { agentId } } }',
    ],
    'Query.eligibleAgents': ['{ eligibleAgents { totalCount edges { node { agentId } } } }'],
    'Query.ledger': [
      `{ ledger(first: 100) { ${NODES} } }`,
      `{ ledger(first: 100, direction: ASC, filter: { actor: ["runner", "ann"] }) { ${NODES} } }`,
      `{ ledger(first: 100, filter: { agentId: ${JSON.stringify(AGENTS)} }) { totalCount ${NODES} } }`,
    ],
    'Query.promotionHistory': [
      `{ promotionHistory { totalCount ${NODES} } }`,
      ...AGENTS.map((agentId) => `{ promotionHistory(agentId: "${agentId}") { totalCount ${NODES} } }`),
    ],
    'Query.viewer': ['{ viewer { agents agent { agentId } } }'],
    'Query.node': [],
  };

  test('sees through no query what it may not see, and all that it may', async () => {
    const given = await givenStory();
    const found = new Set<string>();
    for (const [field, documents] of Object.entries(QUERIES))
      for (const document of documents) {
        const answer = await ask(given.engine, caller, document);
        expect(answer.codes, field).toEqual([]);
        const shown = agentIds(answer.data);
        expect(
          shown.filter((agentId) => !seen.includes(agentId)),
          document,
        ).toEqual([]);
        if (seen.length === 0) expect(JSON.stringify(answer.data)).not.toMatch(/"totalCount":[1-9]/);
        for (const agentId of shown) found.add(agentId);
      }
    expect([...found].sort()).toEqual(seen);
  });

  test('finds by global id only what it may see', async () => {
    const given = await givenStory();
    const document = `query ($id: ID!) { node(id: $id) { __typename ... on Agent { agentId } ... on Run { agentId }
      ... on Violation { agentId } ... on Candidacy { agent { agentId } } } }`;
    const found: string[] = [];
    for (const id of await idsOfNodes(given))
      found.push(...agentIds((await ask(given.engine, caller, document, { id })).data));
    expect([...new Set(found)].sort()).toEqual(seen);
  });

  test('follows only what it may see', async () => {
    const { app, engine, clock } = await givenStory();
    const after = Buffer.from(`0.00000000`).toString('base64url');
    const entries = await following(
      engine,
      caller,
      'subscription ($after: String) { ledgerAppended(after: $after) { entry { seq agentId } } }',
      { after },
    );
    const eligible = await following(
      engine,
      caller,
      'subscription ($after: String) { agentBecameEligible(after: $after) { agent { agentId } } }',
      { after },
    );
    const shown = (await app.store.reader.entriesAfter(0, 10_000)).filter(({ agentId }) =>
      seen.includes(agentId ?? ''),
    );
    const events = await entries.take(shown.length);
    expect(events.map((event) => event.one('ledgerAppended.entry.seq'))).toEqual(shown.map(({ seq }) => seq));
    const opened = shown.filter(({ type }) => type === 'AGENT_BECAME_ELIGIBLE');
    expect((await eligible.take(opened.length)).flatMap(({ data }) => agentIds(data))).toEqual(
      opened.map(({ agentId }) => agentId),
    );
    const next = entries.next();
    clock.advance(1);
    await record(
      app,
      AGENTS.map((agentId) => givenRun(START, { agentId })),
    );
    if (seen.length > 0) expect(seen).toContain((await next)?.one('ledgerAppended.entry.agentId'));
    else await entries.end();
  });

  test('changes nothing outside what it may see, and learns nothing by trying', async () => {
    const { app } = await givenStory();
    for (const agentId of [...AGENTS, 'ghost'].filter((each) => !seen.includes(each))) {
      const { outcomes } = await record(app, [givenRun(START, { agentId })], caller);
      expect(outcomes[0]).toMatchObject({ error: { code: 'FORBIDDEN' } });
      await expect(report(app, givenReport(START, { agentId }), caller)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      await expect(promote(app, caller, agentId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});

test('every root field that shows agents is asked here', async () => {
  const { engine } = await givenStory();
  const reads = rootFields(engine.schema).filter((field) => ROOT_RIGHTS[field] === 'READ');
  expect(reads.sort()).toEqual([
    'Query.agent',
    'Query.agents',
    'Query.eligibleAgents',
    'Query.ledger',
    'Query.node',
    'Query.promotionHistory',
    'Query.viewer',
    'Subscription.agentBecameEligible',
    'Subscription.ledgerAppended',
  ]);
});
