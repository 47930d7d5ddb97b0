import { describe, expect, test } from 'vitest';
import { givenEligible } from '../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../support/given-engine.ts';
import { ANN, RUNNER, VAL } from '../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { ask } from './ask.ts';

const iso = (instant: number) => new Date(instant).toISOString();

const RECORD = `mutation ($input: RecordRunsInput!) { recordRuns(input: $input) {
  __typename
  ... on RunsRecorded { recorded alreadyRecorded refused cursor agents { agentId counters { totalRuns } evaluation { status } }
    outcomes { index agentId runId status run { runId compliant } error { __typename code message
      ... on RunConflictError { existing { runId actions { type } } } ... on TimeInFutureError { path serverTime }
      ... on ValidationError { issues { path message } } ... on ForbiddenError { needs } } } }
  ... on ValidationError { issues { path message } }
  ... on ForbiddenError { needs }
  ... on UserError { code message } } }`;

const run = (more: object = {}) => ({
  agentId: 'eve',
  runId: 'r1',
  startedAt: iso(START - MINUTE),
  finishedAt: iso(START),
  actions: [],
  ...more,
});

describe('recordRuns', () => {
  test('says what became of each run, with what helps, and where the ledger stands', async () => {
    const { app, engine } = await givenEngine();
    const action = { type: 'x', decision: 'PLAN', success: true, occurredAt: iso(START) };
    const runs = [
      run({ owner: 'olga', actions: [action] }),
      run({ owner: 'olga', actions: [action] }),
      run({ violations: [{ type: 'scope', severity: 'LOW', occurredAt: iso(START) }] }),
      run({ runId: 'r2', finishedAt: iso(START + DAY) }),
      run({ runId: 'r3', owner: 'otto' }),
      run({ runId: '' }),
      run({ runId: 'r4', agentId: 'bob' }),
    ];
    const answer = await ask(engine, RUNNER, RECORD, { input: { runs } });
    expect(answer.codes).toEqual([]);
    expect(answer.one('recordRuns')).toMatchObject({
      __typename: 'RunsRecorded',
      recorded: 2,
      alreadyRecorded: 1,
      refused: 4,
      agents: [
        { agentId: 'bob', counters: { totalRuns: 1 }, evaluation: { status: 'NOT_ELIGIBLE' } },
        { agentId: 'eve', counters: { totalRuns: 1 }, evaluation: { status: 'NOT_ELIGIBLE' } },
      ],
      outcomes: [
        { index: 0, status: 'RECORDED', run: { runId: 'r1', compliant: true }, error: null },
        { index: 1, status: 'ALREADY_RECORDED', run: { runId: 'r1' }, error: null },
        {
          index: 2,
          status: 'REFUSED',
          run: null,
          error: { __typename: 'RunConflictError', existing: { runId: 'r1', actions: [{ type: 'x' }] } },
        },
        {
          error: {
            __typename: 'TimeInFutureError',
            path: 'input.runs[3].finishedAt',
            serverTime: iso(START),
          },
        },
        { error: { __typename: 'OwnerConflictError', code: 'OWNER_CONFLICT' } },
        { error: { __typename: 'ValidationError', issues: [{ path: 'input.runs[5].runId' }] } },
        { index: 6, status: 'RECORDED' },
      ],
    });
    const head = await app.store.reader.head();
    expect(Buffer.from(answer.text('recordRuns.cursor'), 'base64url').toString()).toBe(
      `${head.seq}.${head.hash.slice(0, 8)}`,
    );
  });

  test('repeats the outcome of a key, errors and all, though the world has moved on', async () => {
    const { app, engine, clock } = await givenEngine();
    const input = {
      idempotencyKey: 'k',
      runs: [
        run(),
        run({ finishedAt: iso(START - 1) }),
        run({ runId: 'r2', startedAt: iso(START + DAY), finishedAt: iso(START + DAY) }),
      ],
    };
    const first = await ask(engine, RUNNER, RECORD, { input });
    clock.advance(2 * DAY);
    await record(app, [givenRun(START)]);
    const again = await ask(engine, RUNNER, RECORD, { input });
    for (const part of ['outcomes', 'cursor', 'recorded', 'refused'])
      expect(again.all(`recordRuns.${part}`)).toEqual(first.all(`recordRuns.${part}`));
    expect(again.one('recordRuns.agents.counters.totalRuns')).toBe(2);
    const other = { ...input, runs: [run({ runId: 'r9' })] };
    expect((await ask(engine, RUNNER, RECORD, { input: other })).one('recordRuns')).toMatchObject({
      __typename: 'IdempotencyConflictError',
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  test('is refused as a whole for a batch that is none, or without the right', async () => {
    const { engine } = await givenEngine();
    expect((await ask(engine, RUNNER, RECORD, { input: { runs: [] } })).one('recordRuns')).toMatchObject({
      __typename: 'ValidationError',
      issues: [{ path: 'input.runs' }],
    });
    expect((await ask(engine, VAL, RECORD, { input: { runs: [run()] } })).one('recordRuns')).toMatchObject({
      __typename: 'ForbiddenError',
      needs: ['RECORDER'],
    });
  });

  test('takes no decision OTHER, which only imports have, and no wrong enum', async () => {
    const { engine } = await givenEngine();
    const outcome = async (decision: string) => {
      const actions = [{ type: 'x', decision, success: true, occurredAt: iso(START) }];
      return ask(engine, RUNNER, RECORD, { input: { runs: [run({ actions })] } });
    };
    expect((await outcome('OTHER')).one('recordRuns.outcomes.error')).toMatchObject({
      issues: [{ path: 'input.runs[0].actions[0].decision' }],
    });
    expect((await outcome('WRONG')).codes).toEqual(['BAD_USER_INPUT']);
  });
});

const REPORT = `mutation ($input: ReportViolationInput!) { reportViolation(input: $input) {
  __typename
  ... on ViolationReported { agent { agentId evaluation { status } candidacy { state } counters { consecutiveCompliantRuns } }
    violation { type severity description run { runId compliant } } }
  ... on UserError { code message } ... on TimeInFutureError { path } ... on AgentNotFoundError { agentId } } }`;

test('reportViolation answers the agent as it is after it, and repeats itself', async () => {
  const { app, engine } = await givenEngine();
  await givenEligible(app);
  const sent = givenRun(START);
  await record(app, [sent]);
  const input = {
    agentId: 'eve',
    violationId: 'v1',
    runId: sent.runId,
    type: 'scope',
    severity: 'HIGH',
    description: 'Oh.',
    occurredAt: iso(START),
  };
  const expected = {
    __typename: 'ViolationReported',
    agent: {
      agentId: 'eve',
      evaluation: { status: 'NOT_ELIGIBLE' },
      candidacy: null,
      counters: { consecutiveCompliantRuns: 0 },
    },
    violation: {
      type: 'scope',
      severity: 'HIGH',
      description: 'Oh.',
      run: { runId: sent.runId, compliant: false },
    },
  };
  for (const principal of [RUNNER, ANN])
    expect((await ask(engine, principal, REPORT, { input })).one('reportViolation')).toEqual(expected);
  const refused: [object, string][] = [
    [{ type: 'other' }, 'IDEMPOTENCY_CONFLICT'],
    [{ agentId: 'ghost' }, 'AGENT_NOT_FOUND'],
    [{ violationId: 'v2', occurredAt: iso(START + DAY) }, 'TIME_IN_FUTURE'],
    [{ violationId: 'v3', runId: 'ghost' }, 'VALIDATION'],
  ];
  for (const [more, code] of refused)
    expect(
      (await ask(engine, RUNNER, REPORT, { input: { ...input, ...more } })).one('reportViolation'),
    ).toMatchObject({ code });
  expect((await ask(engine, VAL, REPORT, { input })).one('reportViolation')).toMatchObject({
    code: 'FORBIDDEN',
  });
});

test('a violation that costs eligibility shows in the same answer that reports it', async () => {
  const { app, engine } = await givenEngine();
  await givenEligible(app);
  await report(app, givenReport(START - 40 * DAY));
  const shown = await ask(
    engine,
    ANN,
    '{ eligibleAgents { totalCount } agent(agentId: "eve") { evaluation { status } eligibleSince } }',
  );
  expect(shown.data).toEqual({
    eligibleAgents: { totalCount: 0 },
    agent: { evaluation: { status: 'NOT_ELIGIBLE' }, eligibleSince: null },
  });
});
