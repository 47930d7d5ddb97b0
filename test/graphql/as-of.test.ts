import { describe, expect, test } from 'vitest';
import { givenEligible, promote } from '../support/given-agent.ts';
import { DAY, givenEngine, HOUR, START, type GivenEngine } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, givenViolation, record, report } from '../support/given-runs.ts';
import { ask } from './ask.ts';

const iso = (instant: number) => new Date(instant).toISOString();
const EVALUATION = `query ($asOf: DateTime) { agent(agentId: "eve") { evaluation(asOf: $asOf) {
  status currentTier targetTier evaluatedAt changesAt eligibleAt evidence recommendation blockers { kind until message }
  requirements { key actual remaining met changesAt } met { key } missing { key } step { fromTier } policy { name } } } }`;

const evaluation = async ({ engine }: GivenEngine, asOf: number | null = null) =>
  (await ask(engine, ANN, EVALUATION, { asOf: asOf === null ? null : iso(asOf) })).one('agent.evaluation');

describe('an evaluation of the past', () => {
  test('is what it was then, whatever happened since', async () => {
    const given = await givenEngine();
    const { app, clock } = given;
    const said: [number, unknown][] = [];
    const work = [
      () => record(app, [givenRun(clock.now())]),
      () => givenEligible(app),
      () => promote(app, ANN, 'eve'),
      () => record(app, [givenRun(clock.now(), { violations: [givenViolation(clock.now() - 2 * DAY)] })]),
      () => report(app, givenReport(clock.now() - 20 * DAY)),
      () =>
        record(
          app,
          Array.from({ length: 20 }, () => givenRun(clock.now())),
        ),
      () => Promise.resolve(clock.advance(31 * DAY)),
    ];
    for (const step of work) {
      clock.advance(HOUR);
      await step();
      said.push([clock.now(), await evaluation(given)]);
    }
    for (const [asOf, answer] of said) expect(await evaluation(given, asOf)).toEqual(answer);
    expect(new Set(said.map(([, answer]) => JSON.stringify(answer))).size).toBe(work.length);
  });

  test('uses what was recorded by then, not what occurred by then', async () => {
    const given = await givenEngine();
    const { app, clock } = given;
    await givenEligible(app);
    clock.advance(DAY);
    await report(app, givenReport(START - DAY));
    expect(await evaluation(given, START + DAY - 1)).toMatchObject({ status: 'ELIGIBLE' });
    expect(await evaluation(given, START + DAY)).toMatchObject({ status: 'NOT_ELIGIBLE' });
  });

  test('before the first entry is T0 with zeros', async () => {
    const given = await givenEngine();
    await givenEligible(given.app, 'eve', 'T2');
    const asOf = START - 1;
    expect(await evaluation(given, asOf)).toMatchObject({
      status: 'NOT_ELIGIBLE',
      currentTier: 'T0',
      targetTier: 'T1',
      evaluatedAt: iso(asOf),
      eligibleAt: null,
      missing: [
        { key: 'COMPLIANT_RUNS' },
        { key: 'CONSECUTIVE_COMPLIANT_RUNS' },
        { key: 'ACTION_TYPE:generate_plan' },
      ],
      met: [{ key: 'VIOLATIONS' }],
    });
    for (const far of ['0001-01-01T00:00:00Z', '0000-01-01T00:00:00Z'])
      expect((await ask(given.engine, ANN, EVALUATION, { asOf: far })).codes).toEqual([]);
  });
});

describe('an evaluation of the future', () => {
  test('answers for the case that nothing else happens', async () => {
    const given = await givenEngine();
    await givenEligible(given.app);
    const gone = START + 30 * DAY + 1;
    expect(await evaluation(given, gone - 1)).toMatchObject({ status: 'ELIGIBLE', changesAt: iso(gone) });
    expect(await evaluation(given, gone)).toMatchObject({ status: 'NOT_ELIGIBLE', changesAt: null });
    expect(await evaluation(given, Date.UTC(9999, 0))).toMatchObject({ status: 'NOT_ELIGIBLE' });
  });

  test('comes true', async () => {
    const given = await givenEngine();
    const { app, clock } = given;
    await record(app, [givenRun(START, { violations: [givenViolation(START - 3 * DAY)] })]);
    await givenEligible(app);
    const instants = [26, 27, 28, 29, 30, 31].flatMap((days) =>
      [-1, 0, 1].map((ms) => START + days * DAY + ms),
    );
    const foretold = [];
    for (const instant of instants) foretold.push(await evaluation(given, instant));
    const answer = (evaluated: unknown) => {
      const { status, requirements, changesAt, eligibleAt } = evaluated as Record<string, unknown>;
      return { status, requirements, changesAt, eligibleAt };
    };
    for (const [index, instant] of instants.entries()) {
      clock.instant = instant;
      expect(answer(await evaluation(given)), iso(instant)).toEqual(answer(foretold[index]));
    }
  });
});

test('at the highest tier there is no step, and a blocker says so', async () => {
  const given = await givenEngine();
  await givenEligible(given.app, 'eve', 'T4');
  expect(await evaluation(given)).toMatchObject({
    status: 'NOT_ELIGIBLE',
    currentTier: 'T4',
    targetTier: 'T4',
    step: null,
    requirements: [],
    blockers: [{ kind: 'MAXIMUM_TIER', until: null, message: 'T4 is the highest tier.' }],
    recommendation: 'T4 is the highest tier.',
  });
});

describe('activity', () => {
  const ACTIVITY = `query ($days: Int, $asOf: DateTime) { agent(agentId: "eve") { activity(days: $days, asOf: $asOf) {
    totalActions successfulActions successfulExecutions actionTypes violations } } }`;

  test('counts what the days before an instant hold, both ends inclusive', async () => {
    const { app, engine } = await givenEngine();
    const actions = [
      givenAction('b', START),
      givenAction('a', START - DAY),
      givenAction('a', START - DAY, { success: false }),
      givenAction('plan', START - 7 * DAY, { decision: 'PLAN' }),
      givenAction('old', START - 7 * DAY - 1),
      givenAction('older', START - 30 * DAY),
      givenAction('oldest', START - 30 * DAY - 1),
    ];
    const violations = [givenViolation(START - 7 * DAY), givenViolation(START - 7 * DAY - 1)];
    await record(app, [
      givenRun(START, { actions, violations }),
      givenRun(START, { agentId: 'bob', actions }),
    ]);
    const activity = async (variables: object) =>
      (await ask(engine, ANN, ACTIVITY, { ...variables })).one('agent.activity');
    const week = {
      totalActions: 4,
      successfulActions: 3,
      successfulExecutions: 2,
      actionTypes: ['a', 'b', 'plan'],
      violations: 1,
    };
    expect(await activity({ days: 7 })).toEqual(week);
    expect(await activity({ days: 7, asOf: iso(START) })).toEqual(week);
    const month = { totalActions: 6, successfulActions: 5, successfulExecutions: 4, violations: 2 };
    expect(await activity({})).toMatchObject(month);
    expect(await activity({ days: 90 })).toMatchObject({ totalActions: 7 });
    const nothing = {
      totalActions: 0,
      successfulActions: 0,
      successfulExecutions: 0,
      actionTypes: [],
      violations: 0,
    };
    expect(await activity({ days: 90, asOf: iso(START - 1) })).toEqual(nothing);
    expect(await activity({ days: 1, asOf: iso(START + DAY) })).toMatchObject({
      totalActions: 1,
      actionTypes: ['b'],
    });
    expect(await activity({ days: 1, asOf: iso(START + DAY + 1) })).toEqual(nothing);
  });

  test.each([0, -1, 91])('of %i days is refused', async (days) => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START)]);
    expect((await ask(engine, ANN, ACTIVITY, { days })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('of several agents and spans in one answer never mixes', async () => {
    const { app, engine } = await givenEngine();
    const runs = ['a', 'b', 'c'].map((agentId, index) =>
      givenRun(START, {
        agentId,
        actions: Array.from({ length: index + 1 }, (_, day) => givenAction('x', START - day * DAY)),
      }),
    );
    await record(app, runs);
    const answer = await ask(
      engine,
      ANN,
      '{ agents { nodes { all: activity { totalActions } day: activity(days: 1) { totalActions } } } }',
    );
    expect(answer.all('agents.nodes.all.totalActions')).toEqual([1, 2, 3]);
    expect(answer.all('agents.nodes.day.totalActions')).toEqual([1, 2, 2]);
  });
});
