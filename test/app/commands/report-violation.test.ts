import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../../support/given-engine.ts';
import { ADA, agent, ANN, person, RUNNER, service, VAL } from '../../support/given-principal.ts';
import {
  givenAction,
  givenReport,
  givenRun,
  givenViolation,
  record,
  report,
} from '../../support/given-runs.ts';
import { codeOf, entriesOf, refusalOf, typesOf } from '../entries.ts';

describe('a violation reported later', () => {
  test('ends the streak and makes its run no longer compliant, once', async () => {
    const { app, engine } = await givenEngine();
    const runs = [givenRun(START), givenRun(START), givenRun(START)];
    await record(app, runs);
    const first = givenReport(START, { runId: runs[1]?.runId ?? '', description: 'read a secret' });
    const { seq } = await report(app, first);
    const after = { totalRuns: 3, compliantRuns: 2, consecutiveCompliantRuns: 0 };
    expect((await agentNow(app)).state).toMatchObject({ counters: after, lastViolationSeq: seq });
    await report(app, givenReport(START, { runId: runs[1]?.runId ?? '' }));
    expect((await agentNow(app)).state.counters).toEqual(after);
    const stored = await engine.database.reader.run.findMany({ orderBy: { seq: 'asc' } });
    expect(stored.map((run) => run.compliant)).toEqual([true, false, true]);
  });

  test('does not make a run of violations less compliant than it was', async () => {
    const { app } = await givenEngine();
    const bad = givenRun(START, { violations: [givenViolation(START)] });
    await record(app, [givenRun(START), bad, givenRun(START)]);
    await report(app, givenReport(START, { runId: bad.runId }));
    const counters = { totalRuns: 3, compliantRuns: 2, consecutiveCompliantRuns: 0 };
    expect((await agentNow(app)).state.counters).toEqual(counters);
  });

  test('that names no run ends the streak and takes nothing else', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START), givenRun(START)]);
    await report(app, givenReport(START));
    const counters = { totalRuns: 2, compliantRuns: 2, consecutiveCompliantRuns: 0 };
    expect((await agentNow(app)).state.counters).toEqual(counters);
  });

  test('of a run before the promotion leaves the counts at the tier alone, but for the streak', async () => {
    const { app } = await givenEngine();
    const early = givenRun(START);
    await record(app, [early]);
    await givenEligible(app, 'eve', 'T1');
    const late = givenRun(START);
    await record(app, [late, givenRun(START)]);
    await report(app, givenReport(START, { runId: early.runId }));
    expect((await agentNow(app)).state).toMatchObject({
      counters: { totalRuns: 53, compliantRuns: 52, consecutiveCompliantRuns: 0 },
      countersAtTier: { totalRuns: 2, compliantRuns: 2, consecutiveCompliantRuns: 0 },
    });
    await record(app, [givenRun(START)]);
    await report(app, givenReport(START, { runId: late.runId }));
    expect((await agentNow(app)).state.countersAtTier).toEqual({
      totalRuns: 3,
      compliantRuns: 2,
      consecutiveCompliantRuns: 0,
    });
  });

  test('costs the agent its eligibility, and the entry says which violation did', async () => {
    const { app } = await givenEngine();
    const { candidacy } = await givenEligible(app);
    const { seq } = await report(app, givenReport(START));
    const [lost] = await entriesOf(app, 'ELIGIBILITY_LOST');
    expect(lost).toMatchObject({ at: START, payload: { candidacy, cause: seq, status: 'NOT_ELIGIBLE' } });
    expect(await agentNow(app)).toMatchObject({
      candidacy: null,
      status: 'NOT_ELIGIBLE',
      eligibleSince: null,
    });
  });

  test('from before the window costs the streak, and counts for the whole window from its report on', async () => {
    const { app, policy } = await givenEngine();
    await givenEligible(app);
    await report(app, givenReport(START - 31 * DAY));
    const agentAfter = await agentNow(app);
    expect(agentAfter.state.counters.consecutiveCompliantRuns).toBe(0);
    expect(agentAfter.status).toBe('NOT_ELIGIBLE');
    const needed = {
      actionTypes: [],
      executionTypes: [],
      planTypes: [],
      successfulExecutions: 0,
      violations: 1,
    };
    const since = START - policy.windowDays * DAY;
    const asked = [{ state: agentAfter.state, candidacy: null, since, asOf: START, needed }];
    const [facts] = await app.store.reader.facts(asked);
    expect(facts?.violations.count).toBe(1);
    await record(app, [givenRun(START), givenRun(START), givenRun(START)]);
    expect((await agentNow(app)).status).toBe('NOT_ELIGIBLE');
  });

  test('five minutes ahead is clamped to the receipt, and further ahead it is refused', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START)]);
    await report(app, givenReport(START + 5 * MINUTE));
    expect((await engine.database.reader.violation.findFirstOrThrow()).occurredAt).toBe(BigInt(START));
    const refused = await refusalOf(report(app, givenReport(START + 5 * MINUTE + 1)));
    expect(refused).toMatchObject({ code: 'TIME_IN_FUTURE', path: 'input.occurredAt', serverTime: START });
  });
});

describe('the same report sent again', () => {
  test('reads the same and changes nothing, whoever sends it and whenever', async () => {
    const { app, clock } = await givenEngine();
    const run = givenRun(START);
    await record(app, [run]);
    const sent = givenReport(START + MINUTE, { runId: run.runId, description: 'read a secret' });
    const first = await report(app, sent);
    clock.advance(20 * DAY);
    expect(await report(app, sent, ANN)).toEqual(first);
    expect(await typesOf(app)).toEqual(['AGENT_REGISTERED', 'RUN_RECORDED', 'VIOLATION_REPORTED']);
  });

  test.each([
    ['occurredAt', { occurredAt: START - 1 }],
    ['type', { type: 'other' }],
    ['severity', { severity: 'HIGH' as const }],
    ['description', { description: 'other' }],
    ['run', { runId: 'first' }],
  ])('with another %s is a conflict, and no entry', async (_, more) => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START, { runId: 'first' })]);
    const sent = givenReport(START);
    await report(app, sent);
    expect(await codeOf(report(app, { ...sent, ...more }))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await typesOf(app)).not.toContain('COMMAND_REFUSED');
  });

  test('about another agent is another violation', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START), givenRun(START, { agentId: 'bob' })]);
    const sent = givenReport(START);
    const first = await report(app, sent);
    expect((await report(app, { ...sent, agentId: 'bob' })).seq).toBeGreaterThan(first.seq);
  });

  test('under a key gives the same outcome, and the key is refused for another input', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    const sent = givenReport(START, { idempotencyKey: 'k' });
    const first = await report(app, sent);
    expect(await report(app, sent)).toEqual(first);
    expect(await codeOf(report(app, givenReport(START, { idempotencyKey: 'k' })))).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
  });
});

describe('a report is refused', () => {
  test('for an agent that nobody knows, and that is no entry', async () => {
    const { app } = await givenEngine();
    const refused = await refusalOf(report(app, givenReport(START, { agentId: 'ghost' })));
    expect(refused).toMatchObject({ code: 'AGENT_NOT_FOUND', agentId: 'ghost' });
    expect(await typesOf(app)).toEqual([]);
  });

  test('for a run that the agent does not have, even if another agent does', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START, { agentId: 'bob' });
    await record(app, [givenRun(START), run]);
    const refused = await refusalOf(report(app, givenReport(START, { runId: run.runId })));
    expect(refused).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'input.runId' }] });
    expect(await typesOf(app)).not.toContain('VIOLATION_REPORTED');
  });

  test.each([
    ['violationId', { violationId: '' }],
    ['violationId', { violationId: 'half \ud800 a pair' }],
    ['description', { description: 'cut\u0000short' }],
    ['type', { type: 'ä' }],
    ['agentId', { agentId: 'Eve' }],
    ['idempotencyKey', { idempotencyKey: '' }],
  ])('with a bad %s', async (path, more) => {
    const { app } = await givenEngine();
    const refused = await refusalOf(report(app, givenReport(START, more)));
    expect(refused).toMatchObject({ code: 'VALIDATION', issues: [{ path: `input.${path}` }] });
  });

  test('to whoever is neither recorder nor reviewer nor admin, before it tells whether there is such an agent', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    for (const principal of [VAL, person('x', ['AUDITOR']), person('y', [])])
      for (const agentId of ['eve', 'ghost'])
        expect(await refusalOf(report(app, givenReport(START, { agentId }), principal))).toMatchObject({
          code: 'FORBIDDEN',
          needs: ['RECORDER', 'REVIEWER', 'ADMIN'],
        });
  });

  test('outside the agents that the reporter is limited to', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    const limited = service('limited', ['RECORDER'], { agents: ['payments-*'] });
    expect(await codeOf(report(app, givenReport(START), limited))).toBe('FORBIDDEN');
    expect(await codeOf(report(app, givenReport(START), agent('bob')))).toBe('FORBIDDEN');
  });
});

test('recorders, reviewers, admins and the agent itself report, and reporting bars nobody from approving', async () => {
  const { app, clock } = await givenEngine();
  await givenEligible(app);
  for (const principal of [RUNNER, ANN, ADA, agent('eve')]) await report(app, givenReport(START), principal);
  clock.advance(31 * DAY);
  const actions = [givenAction('generate_plan', clock.now())];
  await record(
    app,
    Array.from({ length: 5 }, () => givenRun(clock.now(), { actions })),
  );
  expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
});
