import { describe, expect, test } from 'vitest';
import { recordRuns, type RunsRecorded } from '../../../src/app/commands/record-runs.ts';
import { agentNow } from '../../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../../support/given-engine.ts';
import { agent, person, RUNNER, service, VAL } from '../../support/given-principal.ts';
import { givenAction, givenRun, givenViolation, record } from '../../support/given-runs.ts';
import { entriesOf, refusalOf, typesOf } from '../entries.ts';

const codes = ({ outcomes }: RunsRecorded) =>
  outcomes.map((each) => (each.status === 'REFUSED' ? each.error.code : each.status));
const many = <T>(count: number, each: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => each(index));

describe('a batch', () => {
  test('holds 500 runs with 5,000 actions', async () => {
    const { app } = await givenEngine();
    const actions = many(10, () => givenAction('generate_plan', START));
    const recorded = await record(
      app,
      many(500, () => givenRun(START, { actions })),
    );
    expect(new Set(codes(recorded))).toEqual(new Set(['RECORDED']));
    expect((await agentNow(app)).state.counters.totalRuns).toBe(500);
  });

  test.each([
    ['no run', []],
    ['501 runs', many(501, () => givenRun(START))],
    ['5,001 actions', [givenRun(START, { actions: many(5_001, () => givenAction('x', START)) })]],
  ])('of %s is refused as a whole, and nothing of it becomes an entry', async (_, runs) => {
    const { app } = await givenEngine();
    const refused = await refusalOf(record(app, runs));
    expect(refused).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'input.runs' }] });
    expect(await typesOf(app)).toEqual([]);
  });

  test.each(['', 'k'.repeat(201)])('needs an idempotency key of 1 to 200 characters, if any', async (key) => {
    const { app } = await givenEngine();
    const refused = await refusalOf(
      recordRuns(app, RUNNER, { runs: [givenRun(START)], idempotencyKey: key }),
    );
    expect(refused).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'input.idempotencyKey' }] });
  });
});

describe('each run stands alone', () => {
  test.each([
    ['agentId', { agentId: 'Eve' }],
    ['agentId', { agentId: 'a..b' }],
    ['runId', { runId: '' }],
    ['runId', { runId: 'r'.repeat(201) }],
    ['runId', { runId: 'half \ud800 a pair' }],
    ['runId', { runId: 'cut\u0000short' }],
    ['owner', { owner: '' }],
    ['owner', { owner: 'half \udfff a pair' }],
    ['finishedAt', { finishedAt: START - 1 }],
    ['actions[0].type', { actions: [givenAction('has blank', START)] }],
    ['actions[0].type', { actions: [givenAction('x'.repeat(101), START)] }],
    ['actions[0].decision', { actions: [givenAction('x', START, { decision: 'OTHER' as never })] }],
    ['violations[0].type', { violations: [givenViolation(START, { type: 'ä' })] }],
    [
      'violations[0].description',
      { violations: [givenViolation(START, { description: 'd'.repeat(2_001) })] },
    ],
    ['violations[0].description', { violations: [givenViolation(START, { description: '\ud800' })] }],
    ['violations', { violations: many(101, () => givenViolation(START)) }],
  ])('one with a bad %s is refused, the others are recorded', async (path, more) => {
    const { app } = await givenEngine();
    const input = { runs: [givenRun(START), givenRun(START, more), givenRun(START)], idempotencyKey: 'k' };
    const recorded = await recordRuns(app, RUNNER, input);
    expect(codes(recorded)).toEqual(['RECORDED', 'VALIDATION', 'RECORDED']);
    expect(recorded.outcomes[1]).toMatchObject({
      error: { data: { issues: [{ path: `input.runs[1].${path}` }] } },
    });
    expect(await typesOf(app)).toEqual(['AGENT_REGISTERED', 'RUN_RECORDED', 'RUN_RECORDED']);
  });

  test('ids that differ in any character are different runs', async () => {
    const { app } = await givenEngine();
    const ids = [
      'a',
      'A',
      'a ',
      ' a',
      'ä',
      'a\u0308',
      '1',
      '1.0',
      '01',
      '"',
      "'",
      '\\',
      '💥',
      'null',
      '\u{1f4a5}x',
    ];
    const runs = ids.map((runId) => givenRun(START, { runId }));
    expect(new Set(codes(await record(app, runs)))).toEqual(new Set(['RECORDED']));
    expect(new Set(codes(await record(app, runs)))).toEqual(new Set(['ALREADY_RECORDED']));
  });
});

describe('the right to record', () => {
  test.each([
    ['a viewer', VAL],
    ['a reviewer', person('rita', ['REVIEWER'])],
    ['an admin', person('ada', ['ADMIN'])],
    ['nobody in particular', person('nobody', [])],
  ])('is not that of %s: the batch is refused and the refusal is an entry', async (_, principal) => {
    const { app } = await givenEngine();
    const refused = await refusalOf(record(app, [givenRun(START)], principal));
    expect(refused).toMatchObject({ code: 'FORBIDDEN', needs: ['RECORDER'] });
    const [entry] = await entriesOf(app, 'COMMAND_REFUSED');
    expect(entry).toMatchObject({ agentId: null, payload: { command: 'RECORD_RUNS', code: 'FORBIDDEN' } });
    expect(await typesOf(app)).toEqual(['COMMAND_REFUSED']);
  });

  test('of an agent covers itself alone, and no owner', async () => {
    const { app } = await givenEngine();
    const runs = [givenRun(START), givenRun(START, { agentId: 'bob' }), givenRun(START, { owner: 'eve' })];
    expect(codes(await record(app, runs, agent('eve')))).toEqual(['RECORDED', 'FORBIDDEN', 'FORBIDDEN']);
    expect((await agentNow(app)).ownerKey).toBeNull();
    expect(await app.store.reader.agents(['bob'])).toEqual(new Map());
  });

  test('of an agent whose name is no agent id covers nothing', async () => {
    const { app } = await givenEngine();
    const runs = [givenRun(START, { agentId: 'eve' })];
    expect(codes(await record(app, runs, agent('Eve the Great')))).toEqual(['FORBIDDEN']);
  });

  test('limited to patterns covers what they cover', async () => {
    const { app } = await givenEngine();
    const limited = service('payments-runner', ['RECORDER'], { agents: ['payments-*', 'eve'] });
    const agentIds = ['payments-eu', 'payments', 'eve', 'eve2', 'payments-'];
    const runs = agentIds.map((agentId) => givenRun(START, { agentId }));
    expect(codes(await record(app, runs, limited))).toEqual([
      'RECORDED',
      'FORBIDDEN',
      'RECORDED',
      'FORBIDDEN',
      'RECORDED',
    ]);
  });
});

describe('a refused run', () => {
  test('is an entry about its agent, once a minute and code', async () => {
    const { app, clock } = await givenEngine();
    const run = givenRun(START);
    const conflict = { ...run, actions: [givenAction('x', START)] };
    await record(app, [run]);
    const refuse = async () => {
      await record(app, [conflict, conflict, givenRun(START + DAY), givenRun(START, { runId: '' })]);
      return (await entriesOf(app, 'COMMAND_REFUSED')).map(({ agentId, payload }) => [agentId, payload.code]);
    };
    const both = [
      ['eve', 'RUN_CONFLICT'],
      ['eve', 'TIME_IN_FUTURE'],
    ];
    expect(await refuse()).toEqual(both);
    clock.advance(MINUTE - 1);
    expect(await refuse()).toEqual(both);
    clock.advance(1);
    expect(await refuse()).toEqual([...both, ...both]);
  });

  test('of an agent that its own batch registered is about that agent', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START);
    await record(app, [run, { ...run, actions: [givenAction('x', START)] }]);
    expect((await entriesOf(app, 'COMMAND_REFUSED')).map((entry) => entry.agentId)).toEqual(['eve']);
  });

  test('of an agent that nobody knows is about no agent', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START + DAY, { agentId: 'ghost' })]);
    const [entry] = await entriesOf(app, 'COMMAND_REFUSED');
    expect(entry).toMatchObject({ agentId: null, payload: { code: 'TIME_IN_FUTURE' } });
  });
});
