import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/compose.ts';
import { COMMAND_RIGHTS, type Command } from '../../src/governance/authority.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { PRINCIPAL_KINDS, ROLES, sees, sightOf, type Principal } from '../../src/governance/principal.ts';
import { TIERS } from '../../src/governance/tier.ts';
import { deny, revoke, update } from '../support/given-authority.ts';
import { givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { HandClock, openedEngine, START } from '../support/given-engine.ts';
import { ANN, person } from '../support/given-principal.ts';
import { givenRun, givenViolation, record } from '../support/given-runs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { ask } from './ask.ts';

const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-test-'));
const original = join(folder, 'tierkeeper.db');
const now = new Date(START).toISOString();

/** Agents of every situation at every tier: eligible, begun, suspended, cooling, denied, owned before, recorded, voted. */
beforeAll(async () => {
  const { engine, close } = await open(original);
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
  await close();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open = (file: string) =>
  openedEngine({ file, clock: new HandClock(), policy: baseline, cost: 1_000_000 });

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

/** The code and message of what a command is refused for, or null. */
async function refused(engine: Engine, principal: Principal, command: Command, agentId: string) {
  const [name, input] = INPUTS[command](agentId, `${command} ${agentId}`);
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!`;
  const outcomes =
    command === 'RECORD_RUNS' ? '... on RunsRecorded { outcomes { error { code message } } }' : '';
  const text = `mutation ($input: ${type}) { ${name}(input: $input) { ${outcomes} ... on UserError { code message } } }`;
  const answer = await ask(engine, principal, text, { input });
  expect(answer.codes).toEqual([]);
  const [error] = command === 'RECORD_RUNS' ? answer.all(`${name}.outcomes.error`) : [];
  const shown = (error ?? answer.one(name)) as { code?: string; message?: string } | null;
  return shown?.code === undefined ? null : { code: shown.code, message: shown.message };
}

const FIELDS = `{ agents(first: 100, filter: { retired: null }) { nodes { agentId tier suspended effectiveTier permits viewerCan viewerCanPromote
  viewerCannotPromoteReasons { code message } } } }`;

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
)(
  'viewerCan and the reasons are what each command answers %s',
  { timeout: 120_000 },
  async (_, principal) => {
    const file = join(tempFolder(), 'copy.db');
    copyFileSync(original, file);
    const { engine, close } = await open(file);
    try {
      const answer = await ask(engine, principal, FIELDS);
      expect(answer.codes).toEqual([]);
      const nodes = answer.all('agents.nodes') as readonly Shown[];
      // What is least lasting first: a refusal changes nothing, and each command is asked of an agent as it was shown.
      const order: readonly Command[] = ['REPORT_VIOLATION', 'RECORD_RUNS', 'UPDATE_AGENT', 'REVOKE_AGENT'];
      for (const each of nodes) {
        const can: Command[] = [];
        for (const command of Object.keys(COMMAND_RIGHTS) as Command[]) {
          const fresh = join(tempFolder(), 'fresh.db');
          const lasting = each.viewerCan.includes(command) || order.includes(command);
          if (lasting) copyFileSync(original, fresh);
          const asked = lasting ? await open(fresh) : { engine, close: () => Promise.resolve() };
          const error = await refused(asked.engine, principal, command, each.agentId);
          await asked.close();
          if (error === null) can.push(command);
          if (command !== 'PROMOTE_AGENT') continue;
          expect([each.agentId, each.viewerCannotPromoteReasons]).toEqual([
            each.agentId,
            error === null ? [] : [error],
          ]);
          expect(each.viewerCanPromote).toBe(error === null);
        }
        expect([each.agentId, each.viewerCan]).toEqual([each.agentId, can]);
      }
      const unseen = ['earned-t0', 'halted-t2', 'begun'].filter(
        (agentId) => !sees(sightOf(principal), agentId),
      );
      for (const agentId of unseen)
        for (const command of Object.keys(COMMAND_RIGHTS) as Command[])
          expect(await refused(engine, principal, command, agentId)).toMatchObject({ code: 'FORBIDDEN' });
    } finally {
      await close();
    }
  },
);
