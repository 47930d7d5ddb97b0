import { describe, expect, test } from 'vitest';
import { givenEligible } from '../support/given-agent.ts';
import { DAY, givenEngine, START } from '../support/given-engine.ts';
import { ADA, ANN, VAL } from '../support/given-principal.ts';
import { givenRun, givenViolation, record } from '../support/given-runs.ts';
import { ask, type Answer } from './ask.ts';
import { following } from './follow.ts';

const DENY = `mutation ($input: DenyPromotionInput!) { denyPromotion(input: $input) { __typename
  ... on PromotionDenied { agent { agentId evaluation { status blockers { kind until message } eligibleAt } } candidacy { state needs { count } closedBy { type } } }
  ... on UserError { code message } ... on NoCandidacyError { evaluation { status } } } }`;
const REVOKE = `mutation ($input: RevokeAgentInput!) { revokeAgent(input: $input) { __typename
  ... on AgentRevoked { agent { tier effectiveTier permits suspended } revocation { type fromTier toTier suspended reason rule cause { seq } coolDownUntil } }
  ... on UserError { code message } ... on NotLowerError { agent { tier } } ... on ValidationError { issues { path } } } }`;
const REINSTATE = `mutation ($input: ReinstateAgentInput!) { reinstateAgent(input: $input) { __typename
  ... on AgentReinstated { agent { effectiveTier } } ... on UserError { code message } } }`;
const UPDATE = `mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { __typename
  ... on AgentUpdated { agent { owner retiredAt } } ... on UserError { code message } } }`;
const at = (instant: number) => new Date(instant).toISOString();

let keys = 0;
const input = (more: object) => ({ input: { agentId: 'eve', idempotencyKey: `k-${(keys += 1)}`, ...more } });

describe('each command answers', () => {
  test('a denial with the candidacy that ended, and later that there is none', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const denied = await ask(engine, ANN, DENY, input({ rationale: 'No.' }));
    const until = at(START + 7 * DAY);
    expect(denied.one('denyPromotion')).toMatchObject({
      __typename: 'PromotionDenied',
      agent: {
        evaluation: {
          status: 'DENIED',
          blockers: [{ kind: 'DENIAL_COOL_DOWN', until }],
          eligibleAt: until,
        },
      },
      candidacy: { state: 'DENIED', needs: [], closedBy: { type: 'PROMOTION_DENIED' } },
    });
    const again = await ask(engine, ANN, DENY, input({ rationale: 'No.' }));
    expect(again.one('denyPromotion')).toMatchObject({
      __typename: 'NoCandidacyError',
      code: 'NO_CANDIDACY',
      evaluation: { status: 'DENIED' },
    });
  });

  test('a revocation with its entry, and what is not lower with the agent', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    const higher = await ask(engine, ANN, REVOKE, input({ toTier: 'T2', reason: 'Why.' }));
    expect(higher.one('revokeAgent')).toMatchObject({
      __typename: 'NotLowerError',
      code: 'NOT_LOWER',
      agent: { tier: 'T2' },
    });
    const neither = await ask(engine, ANN, REVOKE, input({ reason: 'Why.' }));
    expect(neither.one('revokeAgent')).toMatchObject({ issues: [{ path: 'input.toTier' }] });
    const done = await ask(engine, ANN, REVOKE, input({ toTier: 'T1', suspend: true, reason: 'Why.' }));
    expect(done.one('revokeAgent')).toEqual({
      __typename: 'AgentRevoked',
      agent: { tier: 'T1', effectiveTier: null, permits: [], suspended: true },
      revocation: {
        type: 'AGENT_REVOKED',
        fromTier: 'T2',
        toTier: 'T1',
        suspended: true,
        reason: 'Why.',
        rule: null,
        cause: null,
        coolDownUntil: at(START + 7 * DAY),
      },
    });
    const back = await ask(engine, ADA, REINSTATE, input({ reason: 'Repaired.' }));
    expect(back.one('reinstateAgent')).toEqual({
      __typename: 'AgentReinstated',
      agent: { effectiveTier: 'T1' },
    });
  });

  test('an update with the agent as it is, which lists then leave out', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const updated = await ask(engine, ADA, UPDATE, input({ owner: 'olga', retired: true, reason: 'Old.' }));
    expect(updated.one('updateAgent')).toEqual({
      __typename: 'AgentUpdated',
      agent: { owner: 'olga', retiredAt: at(START) },
    });
    const lists = await ask(engine, ADA, '{ agents { totalCount } eligibleAgents { totalCount } }');
    expect(lists.data).toEqual({ agents: { totalCount: 0 }, eligibleAgents: { totalCount: 0 } });
  });

  test('what it refuses for want of a right', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app);
    const answers: readonly Answer[] = [
      await ask(engine, VAL, DENY, input({ rationale: 'No.' })),
      await ask(engine, VAL, REVOKE, input({ suspend: true, reason: 'Why.' })),
      await ask(engine, ANN, REINSTATE, input({ reason: 'Why.' })),
      await ask(engine, ANN, UPDATE, input({ retired: true, reason: 'Why.' })),
    ];
    expect(answers.map(({ data }) => data)).toMatchObject(
      ['denyPromotion', 'revokeAgent', 'reinstateAgent', 'updateAgent'].map((name) => ({
        [name]: { __typename: 'ForbiddenError' },
      })),
    );
  });
});

test('every entry of authority is shown with all its fields', async () => {
  const { app, engine } = await givenEngine();
  await givenEligible(app, 'eve', 'T1');
  await ask(engine, ANN, DENY, input({ rationale: 'No.' }));
  const violations = [givenViolation(START, { severity: 'CRITICAL' })];
  await record(app, [givenRun(START, { violations })]);
  await ask(engine, ADA, REINSTATE, input({ reason: 'Repaired.' }));
  await ask(engine, ADA, UPDATE, input({ owner: 'olga', reason: 'Moved.' }));
  const answer = await ask(
    engine,
    VAL,
    `{ ledger(direction: ASC, filter: { types: [PROMOTION_DENIED, AGENT_REVOKED, AGENT_REINSTATED, AGENT_UPDATED] }) { nodes { __typename actor { id }
      ... on PromotionDeniedEntry { candidacy { state } evaluation { status } rationale until }
      ... on AgentRevokedEntry { fromTier toTier suspended reason rule cause { type } coolDownUntil }
      ... on AgentReinstatedEntry { reason } ... on AgentUpdatedEntry { owner retired reason } } } }`,
  );
  expect(answer.codes).toEqual([]);
  expect(answer.all('ledger.nodes')).toEqual([
    {
      __typename: 'PromotionDeniedEntry',
      actor: { id: 'ann' },
      candidacy: { state: 'DENIED' },
      evaluation: { status: 'ELIGIBLE' },
      rationale: 'No.',
      until: at(START + 7 * DAY),
    },
    {
      __typename: 'AgentRevokedEntry',
      actor: { id: 'runner' },
      fromTier: 'T1',
      toTier: 'T0',
      suspended: true,
      reason: null,
      rule: 'critical-violation',
      cause: { type: 'VIOLATION_REPORTED' },
      coolDownUntil: at(START + 14 * DAY),
    },
    { __typename: 'AgentReinstatedEntry', actor: { id: 'ada' }, reason: 'Repaired.' },
    {
      __typename: 'AgentUpdatedEntry',
      actor: { id: 'ada' },
      owner: 'olga',
      retired: false,
      reason: 'Moved.',
    },
  ]);
});

test('a retired agent that becomes eligible is told to those alone who ask for the retired', async () => {
  const { app, engine } = await givenEngine();
  await record(app, [givenRun(START)]);
  await ask(engine, ADA, UPDATE, input({ retired: true, reason: 'Old.' }));
  await givenEligible(app);
  await givenEligible(app, 'bob');
  const after = Buffer.from('0.00000000').toString('base64url');
  const first = async (filter: string) => {
    const followed = await following(
      engine,
      VAL,
      `subscription { agentBecameEligible(after: "${after}"${filter}) { agent { agentId } } }`,
    );
    const [event] = await followed.take(1);
    return event;
  };
  const told = (agentId: string) => ({ agentBecameEligible: { agent: { agentId } } });
  expect(await first('')).toMatchObject({ data: told('bob') });
  expect(await first(', filter: { retired: true }')).toMatchObject({ data: told('eve') });
  expect(await first(', filter: { retired: null }')).toMatchObject({ data: told('eve') });
});
