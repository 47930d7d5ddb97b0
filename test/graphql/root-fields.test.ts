import { describe, expect, test } from 'vitest';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { DAY, givenEngine, START } from '../support/given-engine.ts';
import { agent, ANN, person } from '../support/given-principal.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { ask } from './ask.ts';
import { givenStory } from './given-story.ts';

describe('an agent', () => {
  test('is shown with all that is known of it', async () => {
    const { engine } = await givenStory();
    const answer = await ask(
      engine,
      ANN,
      `{ agent(agentId: "bob") { agentId owner tier tierSince suspended registeredAt lastActiveAt retiredAt eligibleSince
        counters { totalRuns compliantRuns consecutiveCompliantRuns } requirements { key met } candidacy { state } } }`,
    );
    const registeredAt = new Date(START + 60_000).toISOString();
    expect(answer.one('agent')).toEqual({
      agentId: 'bob',
      owner: 'olga',
      tier: 'T0',
      tierSince: registeredAt,
      suspended: false,
      registeredAt,
      lastActiveAt: new Date(START + 120_000).toISOString(),
      retiredAt: null,
      eligibleSince: null,
      candidacy: null,
      counters: { totalRuns: 52, compliantRuns: 51, consecutiveCompliantRuns: 0 },
      requirements: [
        { key: 'COMPLIANT_RUNS', met: true },
        { key: 'CONSECUTIVE_COMPLIANT_RUNS', met: false },
        { key: 'ACTION_TYPE:generate_plan', met: true },
        { key: 'VIOLATIONS', met: false },
      ],
    });
  });

  test('that does not exist is null', async () => {
    const { engine } = await givenEngine();
    for (const agentId of ['ghost', '', 'Not an id', '\ud800'])
      expect(
        (await ask(engine, ANN, 'query ($id: String!) { agent(agentId: $id) { agentId } }', { id: agentId }))
          .data,
      ).toEqual({
        agent: null,
      });
  });
});

describe('the policy', () => {
  test('in force is the one by default, and each is found by its digest', async () => {
    const { engine } = await givenEngine();
    const document =
      'query ($digest: String) { policy(digest: $digest) { digest name windowDays adoptedAt steps { fromTier toTier needs { role count } } tiers { tier permits } } }';
    const answer = await ask(engine, ANN, document);
    expect(answer.one('policy')).toMatchObject({
      digest: baseline.digest,
      name: 'baseline',
      windowDays: 30,
      adoptedAt: new Date(START).toISOString(),
      steps: [
        { fromTier: 'T0', toTier: 'T1', needs: [{ role: 'REVIEWER', count: 1 }] },
        { fromTier: 'T1', toTier: 'T2' },
        { fromTier: 'T2', toTier: 'T3' },
        {
          fromTier: 'T3',
          toTier: 'T4',
          needs: [
            { role: 'REVIEWER', count: 1 },
            { role: 'ADMIN', count: 1 },
          ],
        },
      ],
    });
    const permits = ['ansible_check', 'ansible_run', 'generate_plan', 'terraform_apply', 'terraform_plan'];
    expect(answer.all('policy.tiers')).toMatchObject([
      { tier: 'T0', permits: ['generate_plan'] },
      { tier: 'T1', permits: ['ansible_check', 'generate_plan', 'terraform_plan'] },
      { tier: 'T2', permits },
      { tier: 'T3', permits },
      { tier: 'T4', permits: ['*'] },
    ]);
    expect((await ask(engine, ANN, document, { digest: baseline.digest })).data).toEqual(answer.data);
    for (const digest of ['', 'f'.repeat(64)])
      expect((await ask(engine, ANN, document, { digest })).data).toEqual({ policy: null });
  });

  test('asks for the step that leaves a tier, for all of them, and for none at T4', async () => {
    const { engine } = await givenEngine();
    const document =
      'query ($tier: Tier) { promotionRequirements(tier: $tier) { fromTier manualReview guidance requirements { key kind action bound required message } } }';
    const step = await ask(engine, ANN, document, { tier: 'T1' });
    expect(step.one('promotionRequirements.fromTier')).toBe('T1');
    expect(step.all('promotionRequirements.requirements')).toEqual([
      {
        key: 'COMPLIANT_RUNS',
        kind: 'COMPLIANT_RUNS',
        action: null,
        bound: 'AT_LEAST',
        required: 10,
        message: '10 compliant runs',
      },
      expect.objectContaining({ key: 'CONSECUTIVE_COMPLIANT_RUNS', required: 5 }),
      expect.objectContaining({ key: 'ACTION_TYPE:ansible_check', action: 'ansible_check', required: 1 }),
      expect.objectContaining({ key: 'ACTION_TYPE:terraform_plan' }),
      expect.objectContaining({ key: 'SUCCESSFUL_MODIFICATIONS', required: 2 }),
      expect.objectContaining({ key: 'VIOLATIONS', bound: 'AT_MOST', required: 0 }),
    ]);
    const all = await ask(engine, ANN, document);
    expect(all.all('promotionRequirements.fromTier')).toEqual(['T0', 'T1', 'T2', 'T3']);
    expect(all.all('promotionRequirements.manualReview')).toEqual([false, false, true, true]);
    expect((await ask(engine, ANN, document, { tier: 'T4' })).all('promotionRequirements')).toEqual([]);
  });
});

describe('the viewer', () => {
  const VIEWER = '{ viewer { id kind roles agents expiresAt agent { agentId } } }';

  test('is the caller, as it is authenticated', async () => {
    const { engine } = await givenEngine();
    const limited = person('pam', ['REVIEWER', 'VIEWER'], { agents: ['pay-*'], expiresAt: START + DAY });
    expect((await ask(engine, limited, VIEWER)).one('viewer')).toEqual({
      id: 'pam',
      kind: 'PERSON',
      roles: ['REVIEWER', 'VIEWER'],
      agents: ['pay-*'],
      agent: null,
      expiresAt: new Date(START + DAY).toISOString(),
    });
    expect((await ask(engine, ANN, VIEWER)).one('viewer')).toMatchObject({ agents: ['*'], expiresAt: null });
  });

  test('that is an agent finds itself, from its first run on', async () => {
    const { app, engine } = await givenEngine();
    const eve = { agents: ['eve'] };
    expect((await ask(engine, agent('eve'), VIEWER)).one('viewer')).toMatchObject({ ...eve, agent: null });
    await record(app, [givenRun(START)], agent('eve'));
    expect((await ask(engine, agent('eve'), VIEWER)).one('viewer')).toMatchObject({
      ...eve,
      agent: { agentId: 'eve' },
    });
    expect((await ask(engine, person('eve'), VIEWER)).one('viewer')).toMatchObject({ agent: null });
  });
});

test('every entry is shown with all its fields', async () => {
  const { engine } = await givenStory();
  const answer = await ask(
    engine,
    ANN,
    `query { ledger(first: 100, filter: { types: [POLICY_ADOPTED, AGENT_REGISTERED, AGENT_BECAME_ELIGIBLE, ELIGIBILITY_LOST,
      APPROVAL_RECORDED, AGENT_PROMOTED, COMMAND_REFUSED, VIOLATION_REPORTED] }, direction: ASC) { nodes {
      __typename id seq at recordedAt type agentId agent { agentId } actor { id kind }
      ... on TierChange { fromTier toTier }
      ... on PolicyAdoptedEntry { policy { name } }
      ... on AgentBecameEligibleEntry { candidacy { state } evaluation { status evidence } }
      ... on EligibilityLostEntry { candidacy { state } evaluation { status } cause { __typename type } }
      ... on ApprovalRecordedEntry { candidacy { state } evaluation { status } approval { role principal { id } rationale } }
      ... on AgentPromotedEntry { candidacy { state } evaluation { status } approvals { principal { id } } rationale }
      ... on CommandRefusedEntry { command error { __typename code message } rationale }
      ... on ViolationReportedEntry { violation { type } } } } }`,
  );
  expect(answer.codes).toEqual([]);
  const nodes = answer.all('ledger.nodes') as Record<string, unknown>[];
  const of = (type: string) => nodes.filter((node) => node.__typename === type);
  expect(of('PolicyAdoptedEntry')).toMatchObject([
    { policy: { name: 'baseline' }, agent: null, agentId: null },
  ]);
  expect(of('AgentRegisteredEntry')).toHaveLength(4);
  expect(of('AgentPromotedEntry')[0]).toMatchObject({
    fromTier: 'T0',
    toTier: 'T1',
    candidacy: { state: 'PROMOTED' },
    evaluation: { status: 'ELIGIBLE' },
    approvals: [{ principal: { id: 'ann' } }],
    rationale: 'Worked carefully for months.',
  });
  expect(of('ApprovalRecordedEntry')).toMatchObject([
    {
      candidacy: { state: 'OPEN' },
      evaluation: { status: 'PENDING_REVIEW' },
      approval: { role: 'ADMIN', principal: { id: 'ada' }, rationale: 'Worked carefully for months.' },
    },
  ]);
  expect(of('EligibilityLostEntry')).toMatchObject([
    {
      candidacy: { state: 'LAPSED' },
      evaluation: { status: 'NOT_ELIGIBLE' },
      cause: { type: 'VIOLATION_REPORTED' },
    },
  ]);
  expect(of('CommandRefusedEntry')).toMatchObject([
    { command: 'PROMOTE_AGENT', error: { __typename: 'RecordedError', code: 'FORBIDDEN' }, agentId: 'bob' },
    { command: 'PROMOTE_AGENT', error: { __typename: 'RecordedError', code: 'NOT_ELIGIBLE' }, agentId: 'cy' },
  ]);
  expect(of('ViolationReportedEntry')).toHaveLength(2);
});
