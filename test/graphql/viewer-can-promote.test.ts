import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseline } from '../../src/governance/policies/baseline.ts';
import {
  PRINCIPAL_KINDS,
  ROLES,
  sees,
  sightOf,
  type Principal,
} from '../../src/governance/principals/principal.ts';
import { update } from '../support/given-authority.ts';
import { givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { givenEngine, HandClock, MINUTE, openedEngine, START } from '../support/given-engine.ts';
import { ANN, person } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { ask } from './ask.ts';

const AGENTS = ['begun', 'earned', 'given', 'limit-1', 'max', 'owned', 'waits'];

const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-test-'));
const original = join(folder, 'tierkeeper.db');

/** A file with agents of every situation: just begun, earned T1, in review for T3, at T4, owned, given away, with one vote of two. */
beforeAll(async () => {
  const { engine, close } = await open(original);
  const { app } = engine;
  await record(app, [givenRun(START, { agentId: 'begun' })]);
  await givenEligible(app, 'earned');
  await record(app, [givenRun(START, { agentId: 'earned' })], person('rob', ['RECORDER']));
  await record(app, [givenRun(START, { agentId: 'given', owner: 'otto' })]);
  await givenEligible(app, 'given');
  await update(app, { agentId: 'given', owner: 'zoe' });
  await givenEligible(app, 'limit-1', 'T2');
  await givenEligible(app, 'max', 'T4');
  await record(app, [givenRun(START, { agentId: 'owned', owner: 'olga' })]);
  await givenEligible(app, 'owned');
  await givenEligible(app, 'waits', 'T3');
  await promote(app, ANN, 'waits');
  await close();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open = (file: string) => openedEngine({ file, clock: new HandClock(), policy: baseline });

const everyRoleAndKind = PRINCIPAL_KINDS.flatMap((kind) =>
  [...ROLES.map((role) => [role]), [], [...ROLES]].map((roles) => ({ ...person('someone', roles), kind })),
);
const PRINCIPALS: readonly Principal[] = [
  ...everyRoleAndKind,
  ...['ann', 'olga', 'otto', 'zoe', 'rob', 'earned', 'max'].map((id) => person(id, ['REVIEWER', 'ADMIN'])),
  { ...person('earned', ['REVIEWER']), kind: 'AGENT' },
  person('pam', ['REVIEWER'], { agents: ['limit-*', 'begun'] }),
  person('pat', ['ADMIN'], { agents: [] }),
  person('ann', ['VIEWER'], { agents: ['waits'] }),
];

const FIELDS = `query { agents(first: 100) { nodes { agentId viewerCanPromote viewerCannotPromoteReasons { code message } } } }`;
const FILTER = `query ($can: Boolean) { agents(first: 100, filter: { viewerCanPromote: $can }) { nodes { agentId } totalCount } }`;
const PROMOTE = `mutation ($input: PromoteAgentInput!) { promoteAgent(input: $input) { __typename ... on UserError { code message } } }`;

test.each(
  PRINCIPALS.map(
    (each) => [`${each.kind} ${each.id} ${each.roles.join('+') || 'without roles'}`, each] as const,
  ),
)('the filter, the field, its reasons and promoteAgent agree for %s', async (_, principal) => {
  const file = join(tempFolder(), 'copy.db');
  copyFileSync(original, file);
  const { engine, close } = await open(file);
  try {
    const shown = await ask(engine, principal, FIELDS);
    expect(shown.codes).toEqual([]);
    const seen = shown.all('agents.nodes.agentId');
    expect(seen).toEqual(AGENTS.filter((agentId) => sees(sightOf(principal), agentId)));
    const can = seen.filter((_agent, index) => shown.all('agents.nodes.viewerCanPromote')[index]);
    for (const [wanted, expected] of [
      [true, can],
      [false, seen.filter((each) => !can.includes(each))],
    ] as const) {
      const listed = await ask(engine, principal, FILTER, { can: wanted });
      expect(listed.all('agents.nodes.agentId')).toEqual(expected);
      expect(listed.one('agents.totalCount')).toBe(expected.length);
    }
    for (const agentId of AGENTS) {
      const input = { agentId, rationale: RATIONALE, idempotencyKey: agentId };
      const answer = (await ask(engine, principal, PROMOTE, { input })).one('promoteAgent') as Record<
        string,
        unknown
      >;
      const index = seen.indexOf(agentId);
      if (index === -1) expect(answer).toMatchObject({ code: 'FORBIDDEN' });
      else {
        const nodes = shown.all('agents.nodes') as { viewerCannotPromoteReasons: unknown }[];
        const { code, message } = answer;
        const refused = code === undefined ? [] : [{ code, message }];
        expect(nodes[index]?.viewerCannotPromoteReasons, agentId).toEqual(refused);
        expect(can.includes(agentId)).toBe(code === undefined);
      }
    }
  } finally {
    await close();
  }
});

test('what is recorded while an operation runs makes no agent eligible and unpromotable at once', async () => {
  const { engine, app, clock } = await givenEngine();
  await record(app, [givenRun(START)]);
  const contextValue = await engine.contextFor(ANN);
  clock.advance(MINUTE);
  await givenEligible(app);
  const { data } = await execute({
    schema: engine.schema,
    document: parse('{ agent(agentId: "eve") { evaluation { status } viewerCanPromote } }'),
    contextValue,
  });
  expect(JSON.parse(JSON.stringify(data))).toEqual({
    agent: { evaluation: { status: 'ELIGIBLE' }, viewerCanPromote: true },
  });
});
