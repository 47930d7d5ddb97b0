import { describe, expect, test } from 'vitest';
import { givenEngine, DAY, MINUTE, START } from '../../support/given-engine.ts';
import { agentNow } from '../../support/given-agent.ts';
import { givenAction, givenRun, givenViolation, record } from '../../support/given-runs.ts';
import { entriesOf, typesOf } from '../entries.ts';

const statuses = ({ outcomes }: { outcomes: readonly { status: string; error?: { code: string } }[] }) =>
  outcomes.map((each) => each.error?.code ?? each.status);

describe('an agent', () => {
  test('is registered at T0 with its owner by its first run', async () => {
    const { app } = await givenEngine();
    const recorded = await record(app, [givenRun(START, { owner: 'olga' })]);
    expect(recorded.outcomes).toMatchObject([{ index: 0, agentId: 'eve', status: 'RECORDED', seq: 3 }]);
    expect(await typesOf(app)).toEqual(['AGENT_REGISTERED', 'RUN_RECORDED']);
    const agent = await agentNow(app);
    expect(agent).toMatchObject({
      state: { tier: 'T0', tierSince: START, suspended: false, lastTierChangeSeq: 2, lastViolationSeq: 0 },
      registeredAt: START,
      lastActiveAt: START,
      status: 'NOT_ELIGIBLE',
    });
    const keys = await app.store.reader.knownKeys(['olga']);
    expect(agent.ownerKey).toBe(keys.get('olga'));
  });

  test('is not registered by a run that is refused', async () => {
    const { app } = await givenEngine();
    const recorded = await record(app, [givenRun(START + DAY), givenRun(START, { agentId: 'No such name' })]);
    expect(statuses(recorded)).toEqual(['TIME_IN_FUTURE', 'VALIDATION']);
    expect(await app.store.reader.agents(['eve'])).toEqual(new Map());
    expect(recorded.agentIds).toEqual([]);
  });

  test('keeps the owner of its first run: the same again is fine, another one is a conflict', async () => {
    const { app } = await givenEngine();
    const recorded = await record(app, [
      givenRun(START, { owner: 'olga' }),
      givenRun(START, { owner: 'olga' }),
      givenRun(START, { owner: 'otto' }),
      givenRun(START),
      givenRun(START, { agentId: 'free' }),
      givenRun(START, { agentId: 'free', owner: 'otto' }),
    ]);
    expect(statuses(recorded)).toEqual([
      'RECORDED',
      'RECORDED',
      'OWNER_CONFLICT',
      'RECORDED',
      'RECORDED',
      'OWNER_CONFLICT',
    ]);
    const later = await record(app, [givenRun(START, { owner: 'otto' })]);
    expect(statuses(later)).toEqual(['OWNER_CONFLICT']);
    const keys = await app.store.reader.knownKeys(['olga']);
    expect((await agentNow(app)).ownerKey).toBe(keys.get('olga'));
    expect((await agentNow(app, 'free')).ownerKey).toBeNull();
  });

  test('was last active at the end of its latest run, in whatever order runs arrive', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START - DAY), givenRun(START - 3 * DAY), givenRun(START - 2 * DAY)]);
    expect((await agentNow(app)).lastActiveAt).toBe(START - DAY);
  });
});

describe('counters', () => {
  test('fold in array order, whatever the times of the runs', async () => {
    const { app } = await givenEngine();
    const bad = givenRun(START - 90 * DAY, { violations: [givenViolation(START - 90 * DAY)] });
    await record(app, [givenRun(START), givenRun(START), bad, givenRun(START - 99 * DAY)]);
    expect((await agentNow(app)).state.counters).toEqual({
      totalRuns: 4,
      compliantRuns: 3,
      consecutiveCompliantRuns: 1,
    });
    await record(app, [{ ...bad, runId: 'last' }]);
    expect((await agentNow(app)).state.counters).toEqual({
      totalRuns: 5,
      compliantRuns: 3,
      consecutiveCompliantRuns: 0,
    });
  });

  test('count a run with violations once, and each of its violations has an entry of its own', async () => {
    const { app } = await givenEngine();
    const violations = [
      givenViolation(START, { severity: 'MEDIUM', description: 'read a secret' }),
      givenViolation(START - 1),
    ];
    await record(app, [givenRun(START), givenRun(START, { violations }), givenRun(START)]);
    expect(await typesOf(app)).toEqual([
      'AGENT_REGISTERED',
      'RUN_RECORDED',
      'RUN_RECORDED',
      'VIOLATION_REPORTED',
      'VIOLATION_REPORTED',
      'RUN_RECORDED',
    ]);
    const { state } = await agentNow(app);
    expect(state.counters).toEqual({ totalRuns: 3, compliantRuns: 2, consecutiveCompliantRuns: 1 });
    expect(state.lastViolationSeq).toBe(6);
  });

  test('of several agents in one batch never mix', async () => {
    const { app } = await givenEngine();
    const agentIds = ['a', 'b', 'a', 'c', 'b', 'a'];
    const recorded = await record(
      app,
      agentIds.map((agentId) => givenRun(START, { agentId })),
    );
    expect([...recorded.agentIds].sort()).toEqual(['a', 'b', 'c']);
    const agents = await app.store.reader.agents(['a', 'b', 'c']);
    expect([...agents.values()].map(({ state }) => [state.agentId, state.counters.totalRuns]).sort()).toEqual(
      [
        ['a', 3],
        ['b', 2],
        ['c', 1],
      ],
    );
  });
});

describe('a time', () => {
  test('up to five minutes ahead is clamped to the receipt', async () => {
    const { app, engine } = await givenEngine();
    const ahead = START + 5 * MINUTE;
    const run = givenRun(START, {
      finishedAt: ahead,
      actions: [givenAction('generate_plan', ahead)],
      violations: [givenViolation(ahead)],
    });
    expect(statuses(await record(app, [run]))).toEqual(['RECORDED']);
    const stored = await engine.database.reader.run.findFirstOrThrow({ include: { violations: true } });
    expect([stored.startedAt, stored.finishedAt]).toEqual([BigInt(START), BigInt(START)]);
    expect(stored.violations[0]?.occurredAt).toBe(BigInt(START));
    expect((await engine.database.reader.action.findFirstOrThrow()).occurredAt).toBe(BigInt(START));
  });

  test.each([
    ['startedAt', { startedAt: START + 5 * MINUTE + 1, finishedAt: START + 5 * MINUTE + 1 }],
    ['finishedAt', { finishedAt: START + 5 * MINUTE + 1 }],
    ['actions[1].occurredAt', { actions: [0, 5 * MINUTE + 1].map((ms) => givenAction('x', START + ms)) }],
    ['violations[0].occurredAt', { violations: [givenViolation(START + 5 * MINUTE + 1)] }],
  ])('a millisecond further ahead refuses its run: %s', async (path, more) => {
    const { app } = await givenEngine();
    const recorded = await record(app, [givenRun(START), givenRun(START, more)]);
    expect(recorded.outcomes[1]).toMatchObject({
      status: 'REFUSED',
      error: { code: 'TIME_IN_FUTURE', data: { path: `input.runs[1].${path}`, serverTime: START } },
    });
    expect((await agentNow(app)).state.counters.totalRuns).toBe(1);
  });

  test('may be of any age: runners buffer', async () => {
    const { app } = await givenEngine();
    const old = Date.UTC(1970, 0, 1);
    const run = givenRun(old, { actions: [givenAction('x', old)], violations: [givenViolation(old)] });
    expect(statuses(await record(app, [run, givenRun(Date.UTC(1, 0, 1))]))).toEqual(['RECORDED', 'RECORDED']);
    expect((await agentNow(app)).state.counters.consecutiveCompliantRuns).toBe(1);
  });
});

describe('a candidacy', () => {
  test('opens exactly once in the batch that earns it, after its last run, however many runs follow', async () => {
    const { app } = await givenEngine();
    const plan = givenRun(START, { actions: [givenAction('generate_plan', START, { success: false })] });
    await record(app, [plan, ...Array.from({ length: 8 }, () => givenRun(START))]);
    await record(app, [givenRun(START)]);
    const opened = await entriesOf(app, 'AGENT_BECAME_ELIGIBLE');
    expect(opened.map(({ seq, at, payload }) => [seq, at, payload.status])).toEqual([
      [12, START, 'ELIGIBLE'],
    ]);
    expect(await agentNow(app)).toMatchObject({ candidacy: 12, status: 'ELIGIBLE', eligibleSince: START });
  });

  test('lost in a batch names the violation that ended it, whatever runs came after', async () => {
    const { app } = await givenEngine();
    const plan = givenRun(START, { actions: [givenAction('generate_plan', START)] });
    await record(app, [plan, ...Array.from({ length: 4 }, () => givenRun(START))]);
    const bad = givenRun(START, { violations: [givenViolation(START)] });
    await record(app, [givenRun(START), bad, givenRun(START), givenRun(START)]);
    const [lost] = await entriesOf(app, 'ELIGIBILITY_LOST');
    const [violation] = await entriesOf(app, 'VIOLATION_REPORTED');
    expect(lost?.payload).toMatchObject({ status: 'NOT_ELIGIBLE', candidacy: 8, cause: violation?.seq });
    expect(await agentNow(app)).toMatchObject({ candidacy: null, eligibleSince: null });
  });

  test('that a batch earns and loses again before its end never opens', async () => {
    const { app } = await givenEngine();
    const plan = givenRun(START, { actions: [givenAction('generate_plan', START)] });
    const bad = givenRun(START, { violations: [givenViolation(START)] });
    await record(app, [plan, ...Array.from({ length: 6 }, () => givenRun(START)), bad]);
    expect(await typesOf(app)).not.toContain('AGENT_BECAME_ELIGIBLE');
  });
});
