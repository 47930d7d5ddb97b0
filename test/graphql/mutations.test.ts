import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../support/given-engine.ts';
import { ADA, ANN, BEN, person, RUNNER, VAL } from '../support/given-principal.ts';
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
  ...{ agentId: 'eve', runId: 'r1', startedAt: iso(START - MINUTE), finishedAt: iso(START), actions: [] },
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
      ...{ __typename: 'RunsRecorded', recorded: 2, alreadyRecorded: 1, refused: 4 },
      agents: [
        { agentId: 'bob', counters: { totalRuns: 1 }, evaluation: { status: 'NOT_ELIGIBLE' } },
        { agentId: 'eve', counters: { totalRuns: 1 }, evaluation: { status: 'NOT_ELIGIBLE' } },
      ],
      outcomes: [
        { index: 0, status: 'RECORDED', run: { runId: 'r1', compliant: true }, error: null },
        { index: 1, status: 'ALREADY_RECORDED', run: { runId: 'r1' }, error: null },
        {
          ...{ index: 2, status: 'REFUSED', run: null },
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
      ...{ __typename: 'IdempotencyConflictError', code: 'IDEMPOTENCY_CONFLICT' },
    });
  });

  test('is refused as a whole for a batch that is none, or without the right', async () => {
    const { engine } = await givenEngine();
    expect((await ask(engine, RUNNER, RECORD, { input: { runs: [] } })).one('recordRuns')).toMatchObject({
      ...{ __typename: 'ValidationError', issues: [{ path: 'input.runs' }] },
    });
    expect((await ask(engine, VAL, RECORD, { input: { runs: [run()] } })).one('recordRuns')).toMatchObject({
      ...{ __typename: 'ForbiddenError', needs: ['RECORDER'] },
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

const PROMOTE = `mutation ($input: PromoteAgentInput!) { promoteAgent(input: $input) {
  __typename
  ... on AgentPromoted { agent { agentId tier evaluation { status targetTier } candidacy { fromTier } }
    promotion { seq fromTier toTier rationale approvals { principal { id } role } evaluation { status evidence } candidacy { state } } }
  ... on ApprovalRecorded { agent { tier viewerCanPromote } remaining approval { role rationale principal { id } }
    candidacy { state needs { role count } approvals { principal { id } } } }
  ... on UserError { code message }
  ... on NotEligibleError { evaluation { status missing { key } recommendation } }
  ... on ForbiddenError { needs } ... on ValidationError { issues { path message } }
  ... on DuplicateApprovalError { approval { principal { id } } }
  ... on StaleEvaluationError { agent { tier evaluation { evidence } } }
  ... on AgentNotFoundError { agentId } } }`;

const vote = (agentId: string, idempotencyKey: string, more: object = {}) => ({
  input: { agentId, rationale: RATIONALE, idempotencyKey, ...more },
});

describe('promoteAgent', () => {
  test('answers the promotion and the agent as it is after it', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const evaluation = await ask(engine, ANN, '{ agent(agentId: "eve") { evaluation { evidence } } }');
    const expectedEvidence = evaluation.text('agent.evaluation.evidence');
    const first = await ask(engine, ANN, PROMOTE, vote('eve', 'k', { expectedTier: 'T0', expectedEvidence }));
    expect(first.one('promoteAgent')).toMatchObject({
      __typename: 'AgentPromoted',
      agent: {
        agentId: 'eve',
        tier: 'T1',
        evaluation: { status: 'ELIGIBLE', targetTier: 'T2' },
        candidacy: { fromTier: 'T1' },
      },
      promotion: {
        ...{ fromTier: 'T0', toTier: 'T1', rationale: RATIONALE, candidacy: { state: 'PROMOTED' } },
        ...{ approvals: [{ principal: { id: 'ann' }, role: 'REVIEWER' }] },
        evaluation: { status: 'ELIGIBLE', evidence: expectedEvidence },
      },
    });
    await promote(app, BEN, 'eve');
    const again = await ask(engine, ANN, PROMOTE, vote('eve', 'k', { expectedTier: 'T0', expectedEvidence }));
    expect(again.one('promoteAgent.promotion')).toEqual(first.one('promoteAgent.promotion'));
    expect(again.one('promoteAgent.agent.tier')).toBe('T2');
  });

  test('answers an approval that needs another, and what is still missing', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    const first = await ask(engine, ADA, PROMOTE, vote('eve', 'k'));
    expect(first.one('promoteAgent')).toEqual({
      ...{ __typename: 'ApprovalRecorded', agent: { tier: 'T3', viewerCanPromote: false }, remaining: 1 },
      approval: { role: 'ADMIN', rationale: RATIONALE, principal: { id: 'ada' } },
      candidacy: {
        state: 'OPEN',
        needs: [{ role: 'REVIEWER', count: 1 }],
        approvals: [{ principal: { id: 'ada' } }],
      },
    });
    expect((await ask(engine, ADA, PROMOTE, vote('eve', 'k2'))).one('promoteAgent')).toMatchObject({
      ...{ code: 'DUPLICATE_APPROVAL', approval: { principal: { id: 'ada' } } },
    });
    await promote(app, ANN, 'eve');
    expect((await ask(engine, ADA, PROMOTE, vote('eve', 'k'))).one('promoteAgent')).toMatchObject({
      ...{ __typename: 'ApprovalRecorded', remaining: 1, candidacy: { state: 'PROMOTED', needs: [] } },
    });
  });

  test('shows what is still missing without the votes that no longer count', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ADA, 'eve');
    await record(app, [givenRun(START)], { ...ADA, roles: ['RECORDER'] });
    const needs = await ask(engine, ANN, '{ agent(agentId: "eve") { candidacy { needs { role count } } } }');
    const missing = await ask(engine, ANN, PROMOTE, vote('eve', 'k'));
    expect(missing.one('promoteAgent.remaining')).toBe(1);
    expect(needs.all('agent.candidacy.needs')).toEqual([
      { role: 'REVIEWER', count: 1 },
      { role: 'ADMIN', count: 1 },
    ]);
  });

  test('answers each refusal with what helps', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START, { owner: 'olga' })]);
    await givenEligible(app, 'top', 'T4');
    await givenEligible(app, 'mid', 'T2');
    const answers: [ReturnType<typeof vote>, object, typeof ANN?][] = [
      [vote('eve', ''), { code: 'VALIDATION', issues: [{ path: 'input.idempotencyKey' }] }],
      [
        vote('eve', 'k', { expectedEvidence: 'x' }),
        { code: 'VALIDATION', issues: [{ path: 'input.expectedEvidence' }] },
      ],
      [vote('mid', 'k', { rationale: null }), { code: 'VALIDATION', issues: [{ path: 'input.rationale' }] }],
      [vote('eve', 'k'), { code: 'FORBIDDEN', needs: ['REVIEWER', 'ADMIN'] }, VAL],
      [vote('ghost', 'k'), { code: 'AGENT_NOT_FOUND', agentId: 'ghost' }],
      [vote('top', 'k'), { __typename: 'MaximumTierError', code: 'MAXIMUM_TIER' }],
      [vote('eve', 'k', { expectedTier: 'T1' }), { code: 'STALE_EVALUATION', agent: { tier: 'T0' } }],
      [
        vote('eve', 'k'),
        {
          code: 'NOT_ELIGIBLE',
          evaluation: { status: 'NOT_ELIGIBLE', missing: [{ key: 'COMPLIANT_RUNS' }, {}, {}] },
        },
      ],
      [vote('mid', 'k'), { __typename: 'SelfApprovalError', code: 'SELF_APPROVAL' }, person('mid')],
    ];
    for (const [input, expected, principal = ANN] of answers) {
      const answer = await ask(engine, principal, PROMOTE, input);
      expect(answer.codes).toEqual([]);
      expect(answer.one('promoteAgent')).toMatchObject(expected);
    }
  });

  test('answers fields of several mutations in one document in their order', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const fields = ['ann', 'ben', 'cy'].map(
      (
        key,
      ) => `${key}: promoteAgent(input: { agentId: "eve", rationale: "${RATIONALE}", idempotencyKey: "${key}" }) {
      ... on AgentPromoted { agent { tier } } ... on UserError { code } }`,
    );
    const answer = await ask(engine, ANN, `mutation { ${fields.join('\n')} }`);
    expect(answer.data).toEqual({
      ann: { agent: { tier: 'T1' } },
      ben: { agent: { tier: 'T2' } },
      cy: { agent: { tier: 'T3' } },
    });
    expect((await agentNow(app)).state.tier).toBe('T3');
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
