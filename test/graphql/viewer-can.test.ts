import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/compose/engine.ts';
import { COMMAND_RIGHTS, type Command } from '../../src/governance/principals/authority.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { permitsOf } from '../../src/governance/policy.ts';
import {
  PRINCIPAL_KINDS,
  ROLES,
  sees,
  sightOf,
  type Principal,
} from '../../src/governance/principals/principal.ts';
import { TIERS, type Tier } from '../../src/governance/tier.ts';
import { deny, revoke, update } from '../support/given-authority.ts';
import { givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { HandClock, openedEngine, START } from '../support/given-engine.ts';
import { ANN, person } from '../support/given-principal.ts';
import { givenRun, givenViolation, record } from '../support/given-runs.ts';
import { ask } from './ask.ts';
import { rehearse } from './rehearse.ts';

const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-test-'));
const now = new Date(START).toISOString();
let engine: Engine;
let close: () => Promise<void>;
let names: readonly string[];

/** Agents of every situation at every tier: eligible, begun, suspended, cooling, denied, owned before, recorded, voted. */
beforeAll(async () => {
  const file = join(folder, 'tierkeeper.db');
  const clock = new HandClock();
  ({ engine, close } = await openedEngine({ file, clock, policy: baseline }));
  const { app } = engine;
  for (const tier of TIERS) {
    const name = (what: string) => `${what}-${tier.toLowerCase()}`;
    await givenEligible(app, name('earned'), tier);
    await givenEligible(app, name('halted'), tier);
    await revoke(app, { agentId: name('halted') });
    if (tier === 'T4') continue;
    await givenEligible(app, name('denied'), tier);
    await deny(app, { agentId: name('denied') });
  }
  await record(app, [givenRun(START, { agentId: 'begun' })]);
  await givenEligible(app, 'cools', 'T2');
  await record(app, [
    givenRun(START, { agentId: 'cools', violations: [givenViolation(START, { severity: 'HIGH' })] }),
  ]);
  await record(app, [givenRun(START, { agentId: 'given', owner: 'olga' })]);
  await givenEligible(app, 'given');
  await update(app, { agentId: 'given', owner: 'otto', retired: true });
  await record(app, [givenRun(START, { agentId: 'earned-t0' })], person('rob', ['RECORDER']));
  await givenEligible(app, 'voted', 'T3');
  await promote(app, ANN, 'voted');
  const all = await ask(
    engine,
    ANN,
    '{ agents(first: 100, filter: { retired: null }) { nodes { agentId } } }',
  );
  names = all.all('agents.nodes.agentId') as readonly string[];
}, 60_000);

afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

const COMMANDS = Object.keys(COMMAND_RIGHTS) as Command[];

const everyRoleAndKind = PRINCIPAL_KINDS.flatMap((kind) =>
  [...ROLES.map((role) => [role]), [], [...ROLES]].map((roles) => ({ ...person('someone', roles), kind })),
);
const PRINCIPALS: readonly Principal[] = [
  ...everyRoleAndKind,
  ...['ann', 'olga', 'otto', 'rob', 'earned-t0'].map((id) => person(id, ['REVIEWER', 'ADMIN'])),
  ...['earned-t0', 'halted-t2'].map((id) => ({ ...person(id, [...ROLES]), kind: 'AGENT' as const })),
  person('pam', [...ROLES], { agents: ['halted-*', 'begun'] }),
];

const INPUTS: Record<Command, (agentId: string, key: string) => readonly [name: string, input: object]> = {
  RECORD_RUNS: (agentId, key) => [
    'recordRuns',
    { runs: [{ agentId, runId: key, startedAt: now, finishedAt: now, actions: [] }] },
  ],
  REPORT_VIOLATION: (agentId, key) => [
    'reportViolation',
    { agentId, violationId: key, type: 'scope', severity: 'LOW', occurredAt: now },
  ],
  PROMOTE_AGENT: (agentId, key) => ['promoteAgent', { agentId, rationale: RATIONALE, idempotencyKey: key }],
  DENY_PROMOTION: (agentId, key) => ['denyPromotion', { agentId, rationale: RATIONALE, idempotencyKey: key }],
  REVOKE_AGENT: (agentId, key) => [
    'revokeAgent',
    { agentId, suspend: true, reason: 'Why.', idempotencyKey: key },
  ],
  REINSTATE_AGENT: (agentId, key) => ['reinstateAgent', { agentId, reason: 'Why.', idempotencyKey: key }],
  UPDATE_AGENT: (agentId, key) => [
    'updateAgent',
    { agentId, owner: 'new', reason: 'Why.', idempotencyKey: key },
  ],
};

/** The code and message of what a command is refused for, or null; what it would do is undone. */
async function refused(engine: Engine, principal: Principal, command: Command, agentId: string) {
  const [name, input] = INPUTS[command](agentId, 'key');
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!`;
  const parts =
    command === 'RECORD_RUNS' ? '... on RunsRecorded { outcomes { error { code message } } }' : '';
  const document = `mutation ($input: ${type}) { ${name}(input: $input) { ${parts} ... on UserError { code message } } }`;
  const answer = await rehearse(engine, principal, document, { input });
  expect(answer.codes).toEqual([]);
  const [error] = answer.all(`${name}.outcomes.error`);
  const shown = (error ?? answer.one(name)) as { code?: string; message?: string };
  return shown.code === undefined ? null : { code: shown.code, message: shown.message };
}

const FIELDS = `{ agents(first: 100, filter: { retired: null }) { nodes { agentId tier suspended effectiveTier permits
  viewerCan viewerCanPromote viewerCannotPromoteReasons { code message } } } }`;

interface Shown {
  readonly agentId: string;
  readonly viewerCan: readonly Command[];
  readonly viewerCanPromote: boolean;
  readonly viewerCannotPromoteReasons: readonly object[];
}

test.each(
  PRINCIPALS.map(
    (each) => [`${each.kind} ${each.id} ${each.roles.join('+') || 'without roles'}`, each] as const,
  ),
)('viewerCan and the reasons are what each command answers %s', async (_, principal) => {
  const answer = await ask(engine, principal, FIELDS);
  expect(answer.codes).toEqual([]);
  const nodes = new Map((answer.all('agents.nodes') as readonly Shown[]).map((each) => [each.agentId, each]));
  expect([...nodes.keys()]).toEqual(names.filter((name) => sees(sightOf(principal), name)));
  for (const agentId of names) {
    const errors = await Promise.all(COMMANDS.map((each) => refused(engine, principal, each, agentId)));
    const shown = nodes.get(agentId);
    if (shown === undefined) {
      expect(errors.map((error) => error?.code)).toEqual(COMMANDS.map(() => 'FORBIDDEN'));
      continue;
    }
    const can = COMMANDS.filter((_command, index) => errors[index] === null);
    expect([agentId, shown.viewerCan]).toEqual([agentId, can]);
    const reason = errors[COMMANDS.indexOf('PROMOTE_AGENT')];
    expect([agentId, shown.viewerCannotPromoteReasons]).toEqual([agentId, reason == null ? [] : [reason]]);
    expect(shown.viewerCanPromote).toBe(can.includes('PROMOTE_AGENT'));
  }
});

test('an agent acts at its tier with what that permits, and while it is suspended with nothing', async () => {
  const answer = await ask(engine, ANN, FIELDS);
  for (const each of answer.all('agents.nodes') as readonly Record<string, unknown>[]) {
    const permits = permitsOf(baseline, each.tier as Tier);
    expect([each.effectiveTier, each.permits]).toEqual(
      each.suspended === true ? [null, []] : [each.tier, permits],
    );
  }
});
