import { expect, test } from 'vitest';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { rootFields } from '../../src/graphql/root-rights.ts';
import { deny, reinstate, revoke, update } from '../support/given-authority.ts';
import { agentNow, promote } from '../support/given-agent.ts';
import { DAY, START, type GivenEngine } from '../support/given-engine.ts';
import { agent, ANN, BEN, person, RUNNER } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, givenViolation, record, report } from '../support/given-runs.ts';
import { rawConnection } from '../support/temp-database.ts';
import { ask } from './ask.ts';
import { following } from './follow.ts';
import { givenStory } from './given-story.ts';
import { planned, statements, type Planned } from './statements.ts';

const AT = '2026-06-30T12:00:30Z';
const PAGE = 'nodes { __typename } pageInfo { endCursor }';
const ORDERS = ['AGENT_ID', 'TIER', 'ELIGIBLE_SINCE', 'ELIGIBLE_AT', 'LAST_ACTIVE_AT'];
const DIRECTIONS = ['ASC', 'DESC'];
const AGENT_FILTERS = [
  'agentId: ["eve"]',
  'tier: [T1]',
  'status: [ELIGIBLE]',
  'status: [NOT_ELIGIBLE]',
  'owner: ["olga"]',
  'retired: true',
  'suspended: false',
  'search: "e"',
  'viewerCanPromote: true',
  'viewerCanPromote: false',
];
const ENTRY_FILTERS = [
  'agentId: ["eve"]',
  'types: [AGENT_PROMOTED]',
  'actor: ["ann"]',
  'toTier: [T1]',
  `from: "${AT}"`,
  `to: "${AT}"`,
  '',
  'types: [AGENT_PROMOTED, RUN_RECORDED]',
];
const RUN_FILTERS = ['', 'compliant: false', 'actionType: "x"', `from: "${AT}"`, `to: "${AT}"`];

/** Lists that a cursor can be followed through: each is asked for its first page, and for the one after it. */
const LISTS = [
  ...ORDERS.flatMap((field) =>
    DIRECTIONS.flatMap((direction) =>
      ['agents', 'eligibleAgents'].map(
        (list) => `${list}(orderBy: { field: ${field}, direction: ${direction} }, first: 1 AFTER)`,
      ),
    ),
  ),
  ...AGENT_FILTERS.flatMap((filter) =>
    ['agents', 'eligibleAgents'].map((list) => `${list}(filter: { ${filter} }, first: 1 AFTER)`),
  ),
  ...ENTRY_FILTERS.flatMap((filter) => [
    ...DIRECTIONS.map(
      (direction) => `ledger(filter: { ${filter} }, direction: ${direction}, first: 1 AFTER)`,
    ),
    `promotionHistory(filter: { ${filter} }, first: 1 AFTER)`,
    `promotionHistory(agentId: "eve", filter: { ${filter} }, first: 1 AFTER)`,
  ]),
];

const OF_AGENT = [
  ...RUN_FILTERS.map((filter) => `runs(filter: { ${filter} }, first: 1 AFTER)`),
  'violations(first: 1 AFTER)',
  `violations(from: "${AT}", first: 1 AFTER)`,
  'candidacies(first: 1 AFTER)',
  ...ENTRY_FILTERS.map((filter) => `history(filter: { ${filter} }, first: 1 AFTER)`),
];

const EVERYTHING = `{ viewer { agent { agentId } } policy { adoptedAt } promotionRequirements { description } cursor
  agents { nodes { owner evaluation { status policy { name } } past: evaluation(asOf: "${AT}") { status }
    before: evaluation(asOf: "2020-01-01T00:00:00Z") { status } requirements { key } activity { totalActions violations }
    viewerCanPromote viewerCannotPromoteReasons { code }
    candidacy { needs { count } approvals { principal { id } rationale } closedBy { type } agent { agentId } }
    runs(first: 3) { nodes { recordedBy { id } actions { type } violations { description run { runId } } } totalCount }
    violations { nodes { run { runId } description } totalCount }
    candidacies { nodes { needs { count } approvals { principal { id } } closedBy { seq } } totalCount }
    history(first: 9) { totalCount nodes { actor { id } agent { agentId } ... on RunRecordedEntry { run { runId } }
      ... on ViolationReportedEntry { violation { type } } ... on AgentBecameEligibleEntry { candidacy { id } }
      ... on EligibilityLostEntry { candidacy { id } cause { seq } } ... on ApprovalRecordedEntry { approval { role } }
      ... on AgentPromotedEntry { approvals { role principal { id } } rationale candidacy { id } }
      ... on CommandRefusedEntry { rationale } } } } } }`;

/** What may be read from one end on: a page in the order of an index, or a table of a handful of rows. */
const ORDERED = /^SCAN (agents|ledger_entries) USING (COVERING )?INDEX /;
const SMALL = /^SCAN (ledger_head|policies)\b/;

/**
 * Known to sort all that it finds before it gives a page: what a caller limited to patterns sees of the ledger, entries of
 * several types, and the eligible agents of one tier, answer or owner.
 */
const SORTED =
  /MULTI-INDEX OR|ledger_entries_type_seq_idx|agents_(tier|status|owner_key)_agent_id_idx|^SEARCH principals/;

function faults({ sql, plan }: Planned): readonly string[] {
  const lines = plan.join('\n');
  const page = /ORDER BY .* LIMIT/s.test(sql);
  const sorts =
    page && /^(SCAN|SEARCH) (agents|ledger_entries) /.test(lines) && lines.includes('FOR ORDER BY');
  const scans = plan.filter(
    (line) => /^SCAN (?!\(|json_each|sub\b|CONSTANT)/.test(line) && !line.includes('VIRTUAL'),
  );
  const unordered = scans.filter((line) => !SMALL.test(line) && !(page && ORDERED.test(line)));
  const quadratic = /CORRELATED[^]*candidacies_state/.test(lines);
  return [
    ...unordered,
    ...(sorts && !SORTED.test(lines) ? ['sorts all it finds'] : []),
    ...(quadratic ? ['looks at all open candidacies for each agent'] : []),
  ];
}

/** Every statement that was prepared since, and what is wrong with its plan. */
function check(given: GivenEngine, taken: readonly string[], what: string): void {
  const db = rawConnection(given.file, { readonly: true });
  // With foreign keys a plan shows look-ups for children of new rows, which are skipped unless a key is broken already.
  db.pragma('foreign_keys = OFF');
  const found = taken
    .filter((sql) => /^\s*(SELECT|UPDATE|INSERT|DELETE|WITH)/i.test(sql) && !sql.includes('COUNT('))
    .map((sql) => planned(db, sql))
    .filter((each) => faults(each).length > 0)
    .map((each) => ({ what, faults: faults(each), ...each }));
  expect(found).toEqual([]);
}

test('no list reads or sorts a table that grows, in any order, under any filter, on any page', async () => {
  const given = await givenStory();
  const log = statements();
  const ofAgent = OF_AGENT.map(
    (list) => [`agent(agentId: "eve") { list: ${list} { ${PAGE} } }`, 'agent.list'] as const,
  );
  const lists = LISTS.map((list) => [`list: ${list} { ${PAGE} }`, 'list'] as const);
  for (const [list, path] of [...lists, ...ofAgent]) {
    const first = await ask(given.engine, ANN, `{ ${list.replace(' AFTER', '')} }`);
    const [cursor] = first.all(`${path}.pageInfo.endCursor`);
    if (typeof cursor === 'string')
      await ask(given.engine, ANN, `{ ${list.replace(' AFTER', `, after: "${cursor}"`)} }`);
    check(given, log.take(), list);
  }
});

test('nor does any other read, whoever asks', async () => {
  const given = await givenStory();
  const log = statements();
  const callers: readonly Principal[] = [
    ANN,
    agent('eve'),
    person('pam', ['REVIEWER'], { agents: ['b*', 'eve'] }),
  ];
  for (const caller of callers)
    for (const document of [
      EVERYTHING,
      '{ agents { nodes { id } } ledger { nodes { seq } } promotionHistory { nodes { seq } } eligibleAgents { nodes { id } } }',
    ]) {
      const answer = await ask(given.engine, caller, document);
      expect(answer.codes).toEqual([]);
      for (const id of answer.all('agents.nodes.id'))
        await ask(given.engine, caller, 'query ($id: ID!) { node(id: $id) { id } }', { id });
      check(given, log.take(), document);
    }
});

test('nor does any command, nor what time alone changes', async () => {
  const given = await givenStory();
  const { app, engine, clock } = given;
  const log = statements();
  const run = givenRun(START, {
    agentId: 'new',
    owner: 'zoe',
    actions: [givenAction('x', START)],
    violations: [givenViolation(START, { description: 'Oh.' })],
  });
  const commands: Record<string, () => Promise<unknown>> = {
    'Mutation.recordRuns': () =>
      record(app, [run, givenRun(START), givenRun(START + DAY)], { ...RUNNER, id: 'another' }),
    'Mutation.reportViolation': () =>
      report(
        app,
        givenReport(START, { runId: run.runId, agentId: 'new', idempotencyKey: 'k', description: 'Oh.' }),
      ),
    'Mutation.promoteAgent': () => promote(app, ANN, 'dot'),
    'Mutation.denyPromotion': () => deny(app, { agentId: 'eve' }, BEN),
    'Mutation.revokeAgent': () => revoke(app, { agentId: 'eve' }),
    'Mutation.reinstateAgent': () => reinstate(app, { agentId: 'eve' }),
    'Mutation.updateAgent': () => update(app, { agentId: 'bob', owner: 'zoe', retired: true }),
    'a rule': () =>
      record(app, [
        givenRun(START, {
          agentId: 'new',
          violations: (['MEDIUM', 'MEDIUM', 'MEDIUM', 'HIGH'] as const).map((severity) =>
            givenViolation(START, { severity }),
          ),
        }),
      ]),
    refused: () => promote(app, ANN, 'cy').catch(() => undefined),
    clock: async () => {
      const { changesAt } = await agentNow(app);
      clock.instant = changesAt ?? 0;
      await ask(engine, ANN, '{ cursor }');
    },
  };
  for (const [name, command] of Object.entries(commands)) {
    await command();
    check(given, log.take(), name);
  }
  const mutations = rootFields(engine.schema).filter((field) => field.startsWith('Mutation.'));
  expect(
    Object.keys(commands)
      .filter((name) => name.includes('.'))
      .sort(),
  ).toEqual(mutations.toSorted());
});

test('nor does any subscription, replayed or live', async () => {
  const given = await givenStory();
  const log = statements();
  const after = Buffer.from('0.00000000').toString('base64url');
  const filter = `filter: { agentId: ["eve"], types: [AGENT_BECAME_ELIGIBLE], actor: ["runner", "ann"] }`;
  const fields = [
    `ledgerAppended(after: "${after}") { entry { seq actor { id } agent { agentId } } }`,
    `ledgerAppended(after: "${after}", ${filter}) { entry { seq } }`,
    `agentBecameEligible(after: "${after}", filter: { owner: ["olga"], viewerCanPromote: false }) { agent { agentId } candidacy { id } }`,
    `agentBecameEligible(after: "${after}") { agent { agentId evaluation { status } } candidacy { id } evaluation { status } }`,
  ];
  for (const field of fields) {
    const followed = await following(given.engine, ANN, `subscription { ${field} }`);
    await followed.take(1);
    check(given, log.take(), field);
  }
});

test('a plan that reads a whole table is found', async () => {
  const given = await givenStory();
  for (const sql of [
    'SELECT seq FROM ledger_entries WHERE at > ?',
    'SELECT agent_id FROM agents WHERE suspended = ?',
    'SELECT agent_id FROM agents WHERE eligible_at > ? ORDER BY registered_at LIMIT ?',
    'SELECT count(*) FROM actions',
    'UPDATE runs SET compliant = false WHERE run_id = ?',
    'SELECT a.agent_id FROM recorders a WHERE a.principal_key = ?',
  ])
    expect(() => check(given, [sql], '')).toThrow();
});
