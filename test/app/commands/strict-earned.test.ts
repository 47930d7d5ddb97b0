import { expect, test } from 'vitest';
import { strict } from '../../../src/governance/policies/strict.ts';
import { stepFrom } from '../../../src/governance/policy.ts';
import type { Tier } from '../../../src/governance/tier.ts';
import { agentNow, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine } from '../../support/given-engine.ts';
import { ANN, BEN } from '../../support/given-principal.ts';
import { givenAction, givenRun, record, type ActionInput } from '../../support/given-runs.ts';

/** The work of the README and the acceptance story: plans and checks are PLAN, changes are EXECUTE. */
const WORK: Readonly<Record<string, readonly (readonly [string, ActionInput['decision']])[]>> = {
  T0: [['generate_plan', 'PLAN']],
  T1: [
    ['ansible_check', 'PLAN'],
    ['terraform_plan', 'PLAN'],
    ['terraform_apply', 'EXECUTE'],
  ],
  T2: [
    ['ansible_run', 'EXECUTE'],
    ['terraform_apply', 'EXECUTE'],
  ],
  T3: [['terraform_apply', 'EXECUTE']],
};

test('a fleet that plans, checks and changes as the README records it earns every step of the strict template', async () => {
  const { app, clock } = await givenEngine({ policy: strict });
  for (const tier of ['T0', 'T1', 'T2', 'T3'] satisfies Tier[]) {
    const at = clock.now();
    const actions = (WORK[tier] ?? []).map(([type, decision]) => givenAction(type, at, { decision }));
    await record(
      app,
      Array.from({ length: 50 }, () => givenRun(at, { actions })),
    );
    expect((await agentNow(app)).status).toBe('NOT_ELIGIBLE');
    clock.advance(7 * DAY);
    await record(app, [givenRun(clock.now(), { actions })]);
    const now = await agentNow(app);
    expect(now).toMatchObject({
      status: stepFrom(strict, tier)?.manualReview ? 'PENDING_REVIEW' : 'ELIGIBLE',
    });
    for (const by of tier === 'T3' ? [ANN, BEN] : [ANN])
      await promote(app, { ...by, roles: ['ADMIN'] }, 'eve');
  }
  expect((await agentNow(app)).state.tier).toBe('T4');
});

test('a failed plan, and a plan recorded as another decision, earn nothing of the strict template', async () => {
  const { app, clock } = await givenEngine({ policy: strict });
  const at = clock.now();
  const poor = [
    givenAction('generate_plan', at, { decision: 'PLAN', success: false }),
    givenAction('generate_plan', at, { decision: 'EXECUTE' }),
  ];
  await record(
    app,
    Array.from({ length: 6 }, () => givenRun(at, { actions: poor })),
  );
  clock.advance(7 * DAY);
  await record(app, [givenRun(clock.now())]);
  expect((await agentNow(app)).status).toBe('NOT_ELIGIBLE');
  await record(app, [
    givenRun(clock.now(), { actions: [givenAction('generate_plan', at, { decision: 'PLAN' })] }),
  ]);
  expect((await agentNow(app)).status).toBe('ELIGIBLE');
});
