import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { givenEngine, START } from '../support/given-engine.ts';
import { ADA, ANN, BEN, person, VAL } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { ask } from './ask.ts';

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
        fromTier: 'T0',
        toTier: 'T1',
        rationale: RATIONALE,
        candidacy: { state: 'PROMOTED' },
        approvals: [{ principal: { id: 'ann' }, role: 'REVIEWER' }],
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
      __typename: 'ApprovalRecorded',
      agent: { tier: 'T3', viewerCanPromote: false },
      remaining: 1,
      approval: { role: 'ADMIN', rationale: RATIONALE, principal: { id: 'ada' } },
      candidacy: {
        state: 'OPEN',
        needs: [{ role: 'REVIEWER', count: 1 }],
        approvals: [{ principal: { id: 'ada' } }],
      },
    });
    expect((await ask(engine, ADA, PROMOTE, vote('eve', 'k2'))).one('promoteAgent')).toMatchObject({
      code: 'DUPLICATE_APPROVAL',
      approval: { principal: { id: 'ada' } },
    });
    await promote(app, ANN, 'eve');
    expect((await ask(engine, ADA, PROMOTE, vote('eve', 'k'))).one('promoteAgent')).toMatchObject({
      __typename: 'ApprovalRecorded',
      remaining: 1,
      candidacy: { state: 'PROMOTED', needs: [] },
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
