import { describe, expect, test } from 'vitest';
import { recordRuns } from '../../../src/app/commands/record-runs.ts';
import { agentNow, givenEligible } from '../../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../../support/given-engine.ts';
import { ANN, RUNNER, service } from '../../support/given-principal.ts';
import {
  givenAction,
  givenReport,
  givenRun,
  givenViolation,
  record,
  report,
} from '../../support/given-runs.ts';
import { codeOf, typesOf } from '../entries.ts';

const ALMOST = START + 5 * MINUTE;

describe('the same run sent again', () => {
  test.each([
    ['as it was', {}],
    ['with times that were clamped', { finishedAt: ALMOST, actions: [givenAction('x', ALMOST)] }],
    [
      'with a described violation',
      { violations: [givenViolation(ALMOST, { description: 'read a secret' })] },
    ],
  ])('is already recorded, %s', async (_, more) => {
    const { app, clock } = await givenEngine();
    const run = givenRun(START, more);
    const [first] = (await record(app, [run])).outcomes;
    const { state } = await agentNow(app);
    clock.advance(40 * DAY);
    const again = await record(app, [run], service('other-runner'));
    expect(again.outcomes).toEqual([{ ...first, status: 'ALREADY_RECORDED' }]);
    expect((await agentNow(app)).state).toEqual(state);
    expect((await typesOf(app)).filter((type) => type === 'RUN_RECORDED')).toHaveLength(1);
  });

  test('is already recorded within one batch, at the place of the first', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START);
    const { outcomes } = await record(app, [run, givenRun(START), { ...run }]);
    expect(outcomes.map((each) => each.status)).toEqual(['RECORDED', 'RECORDED', 'ALREADY_RECORDED']);
    expect(outcomes[2]).toMatchObject({ index: 2, seq: 3 });
    expect((await agentNow(app)).state.counters.totalRuns).toBe(2);
  });

  test('is already recorded after its compliance was spoilt', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START);
    await record(app, [run]);
    await report(app, givenReport(START, { runId: run.runId }));
    expect((await record(app, [run])).outcomes[0]).toMatchObject({ status: 'ALREADY_RECORDED' });
  });

  test('tells who repeats nothing of rights: it records nothing and bars nobody', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const run = givenRun(START);
    await record(app, [run]);
    const both = { ...ANN, roles: ['REVIEWER', 'RECORDER'] } as const;
    await record(app, [run], both);
    const [bars] = await app.store.reader.involvements([
      {
        agentId: 'eve',
        principalKey: (await app.store.reader.knownKeys(['ann'])).get('ann') ?? '',
        since: 0,
      },
    ]);
    expect(bars).toEqual({ recorded: false, owned: false });
  });
});

describe('a run of the same id with other content', () => {
  const run = givenRun(START, {
    actions: [givenAction('generate_plan', START)],
    violations: [givenViolation(START, { description: 'read a secret' })],
  });
  const [action] = run.actions;
  const [violation] = run.violations;
  if (action === undefined || violation === undefined) throw new Error('Given above.');

  test.each([
    ['startedAt', { startedAt: START - 1 }],
    ['finishedAt', { finishedAt: START + 1 }],
    ['no action', { actions: [] }],
    ['one action more', { actions: [action, action] }],
    ['an action of another type', { actions: [{ ...action, type: 'other' }] }],
    ['an action that failed', { actions: [{ ...action, success: false }] }],
    ['no violation', { violations: [] }],
    ['another severity', { violations: [{ ...violation, severity: 'HIGH' as const }] }],
    ['another description', { violations: [{ ...violation, description: 'read another' }] }],
  ])('is a conflict that names the one in the ledger: %s', async (_, more) => {
    const { app } = await givenEngine();
    const recorded = await record(app, [run]);
    const existing = recorded.outcomes[0]?.status === 'RECORDED' ? recorded.outcomes[0].seq : 0;
    const again = await record(app, [{ ...run, ...more }, givenRun(START)]);
    expect(again.outcomes[0]).toMatchObject({
      status: 'REFUSED',
      error: { code: 'RUN_CONFLICT', data: { agentId: 'eve', runId: run.runId, existing } },
    });
    expect(again.outcomes[1]?.status).toBe('RECORDED');
  });

  test('is a conflict within one batch too, and the first one stands', async () => {
    const { app } = await givenEngine();
    const { outcomes } = await record(app, [run, { ...run, actions: [] }, run]);
    expect(outcomes.map((each) => each.status)).toEqual(['RECORDED', 'REFUSED', 'ALREADY_RECORDED']);
  });

  test('of another agent is another run', async () => {
    const { app } = await givenEngine();
    const { outcomes } = await record(app, [run, { ...run, agentId: 'bob', actions: [] }]);
    expect(outcomes.map((each) => each.status)).toEqual(['RECORDED', 'RECORDED']);
  });

  test('is recorded if the first one was refused', async () => {
    const { app } = await givenEngine();
    const { outcomes } = await record(app, [{ ...run, finishedAt: START + DAY }, run]);
    expect(outcomes.map((each) => each.status)).toEqual(['REFUSED', 'RECORDED']);
  });
});

describe('an idempotency key', () => {
  test('gives the same outcome again, its errors with all their data, and does nothing', async () => {
    const { app, clock } = await givenEngine();
    const run = givenRun(START);
    const input = {
      runs: [
        run,
        { ...run, actions: [givenAction('x', START)] },
        givenRun(START + DAY),
        givenRun(START, { runId: '' }),
      ],
      idempotencyKey: 'batch-1',
    };
    const first = await recordRuns(app, RUNNER, input);
    expect(first.outcomes.map((each) => (each.status === 'REFUSED' ? each.error.code : each.status))).toEqual(
      ['RECORDED', 'RUN_CONFLICT', 'TIME_IN_FUTURE', 'VALIDATION'],
    );
    await record(app, [givenRun(START)]);
    clock.advance(3 * DAY);
    const { seq } = await app.store.reader.head();
    expect(await recordRuns(app, RUNNER, input)).toEqual(first);
    expect((await app.store.reader.head()).seq).toBe(seq);
  });

  test('is refused with another input, and stays what it was', async () => {
    const { app } = await givenEngine();
    const input = { runs: [givenRun(START)], idempotencyKey: 'k' };
    const first = await recordRuns(app, RUNNER, input);
    const other = { runs: [givenRun(START)], idempotencyKey: 'k' };
    expect(await codeOf(recordRuns(app, RUNNER, other))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await recordRuns(app, RUNNER, input)).toEqual(first);
  });

  test('belongs to its principal', async () => {
    const { app } = await givenEngine();
    await recordRuns(app, RUNNER, { runs: [givenRun(START)], idempotencyKey: 'k' });
    const other = await recordRuns(app, service('other'), { runs: [givenRun(START)], idempotencyKey: 'k' });
    expect(other.outcomes[0]?.status).toBe('RECORDED');
  });

  test('is kept for 7 days to the millisecond, then it is free again', async () => {
    const { app, clock } = await givenEngine();
    await recordRuns(app, RUNNER, { runs: [givenRun(START)], idempotencyKey: 'k' });
    const other = { runs: [givenRun(START)], idempotencyKey: 'k' };
    clock.advance(7 * DAY - 1);
    expect(await codeOf(recordRuns(app, RUNNER, other))).toBe('IDEMPOTENCY_CONFLICT');
    clock.advance(1);
    expect((await recordRuns(app, RUNNER, other)).outcomes[0]?.status).toBe('RECORDED');
  });

  test('is spent by an effect only', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START);
    await record(app, [run]);
    await recordRuns(app, RUNNER, { runs: [run, givenRun(START + DAY)], idempotencyKey: 'k' });
    const later = await recordRuns(app, RUNNER, { runs: [givenRun(START)], idempotencyKey: 'k' });
    expect(later.outcomes[0]?.status).toBe('RECORDED');
  });
});
