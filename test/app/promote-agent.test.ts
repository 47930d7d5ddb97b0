import { describe, expect, test } from 'vitest';
import { evaluateAgents } from '../../src/app/evaluate-agents.ts';
import type { App } from '../../src/app/ports.ts';
import { GovernanceError } from '../../src/governance/errors.ts';
import type { Evaluation } from '../../src/governance/evaluation.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { agentNow, givenEligible, promote, RATIONALE } from '../support/given-agent.ts';
import { DAY, givenEngine, MINUTE, START } from '../support/given-engine.ts';
import { ABE, ADA, agent, ANN, BEN, person, service, VAL } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { codeOf, entriesOf, refusalOf, typesOf } from './entries.ts';

async function evaluated(app: App, agentId = 'eve'): Promise<Evaluation> {
  const now = app.clock.now();
  const ask = { agents: [await agentNow(app, agentId)], asOf: now, now };
  const [evaluation] = await evaluateAgents(app.store.reader, baseline, ask);
  if (evaluation === undefined) throw new Error('Nothing was evaluated.');
  return evaluation;
}

describe('a promotion', () => {
  test('raises the tier by one step, ends the candidacy and opens the next one at once if it is earned', async () => {
    const { app, clock } = await givenEngine();
    const before = await givenEligible(app);
    clock.advance(DAY);
    const { seq } = await promote(app, ANN, 'eve');
    const [entry] = await entriesOf(app, 'AGENT_PROMOTED');
    expect(entry).toMatchObject({
      ...{ seq, at: START + DAY, agentId: 'eve' },
      payload: {
        fromTier: 'T0',
        toTier: 'T1',
        candidacy: before.candidacy,
        role: 'REVIEWER',
        status: 'ELIGIBLE',
      },
    });
    const after = await agentNow(app);
    expect(after).toMatchObject({
      state: { tier: 'T1', tierSince: START + DAY, lastTierChangeSeq: seq, counters: before.state.counters },
      ...{ status: 'ELIGIBLE', eligibleSince: START + DAY, candidacy: seq + 1 },
    });
    expect((await typesOf(app)).slice(-2)).toEqual(['AGENT_PROMOTED', 'AGENT_BECAME_ELIGIBLE']);
  });

  test('does not reset lifetime counters, only those at the tier', async () => {
    const { app } = await givenEngine();
    const { state } = await givenEligible(app);
    await promote(app, ANN, 'eve');
    const after = await agentNow(app);
    expect(after.state.counters).toEqual(state.counters);
    expect(after.state.countersAtTier.totalRuns).toBe(0);
  });
});

describe('the refusals come in their order', () => {
  /** Each row is refused for its own reason and for every one below it. */
  test('from malformed input to a second vote', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    await givenEligible(app, 'max', 'T4');
    await givenEligible(app, 'old', 'T3');
    const both = person('both', ['ADMIN', 'RECORDER']);
    await record(app, [givenRun(START, { agentId: 'old' }), givenRun(START)], both);
    await promote(app, ANN, 'old', { idempotencyKey: 'spent' });
    const stale = { expectedTier: 'T1' } as const;
    const refused: [string, Parameters<typeof promote>][] = [
      ['VALIDATION', [app, VAL, 'Not an id', { ...stale, idempotencyKey: '' }]],
      ['IDEMPOTENCY_CONFLICT', [app, { ...ANN, roles: [] }, 'ghost', { ...stale, idempotencyKey: 'spent' }]],
      ['FORBIDDEN', [app, VAL, 'ghost', stale]],
      ['AGENT_NOT_FOUND', [app, both, 'ghost', stale]],
      ['MAXIMUM_TIER', [app, both, 'max', stale]],
      ['STALE_EVALUATION', [app, both, 'eve', stale]],
      ['NOT_ELIGIBLE', [app, both, 'eve', {}]],
      ['SELF_APPROVAL', [app, both, 'old', {}]],
      ['DUPLICATE_APPROVAL', [app, ANN, 'old', {}]],
    ];
    for (const [code, vote] of refused) expect(await codeOf(promote(...vote)), code).toBe(code);
  });

  test('an earlier voter who recorded a run since is told that, not that the vote is a second one', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ANN, 'eve');
    await record(app, [givenRun(START)], { ...ANN, roles: ['RECORDER'] });
    expect(await codeOf(promote(app, ANN, 'eve'))).toBe('SELF_APPROVAL');
  });

  test('with what helps: the evaluation, the roles, the vote that stands', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    expect(await refusalOf(promote(app, ANN, 'eve'))).toMatchObject({ evaluation: await evaluated(app) });
    expect(await refusalOf(promote(app, VAL, 'eve'))).toMatchObject({ needs: ['REVIEWER', 'ADMIN'] });
    await givenEligible(app, 'old', 'T3');
    const { seq } = await promote(app, ANN, 'old');
    expect(await refusalOf(promote(app, ANN, 'old'))).toMatchObject({ approval: seq });
  });
});

describe('who may approve', () => {
  test.each([
    ['a viewer', VAL],
    ['a recorder', person('rec', ['RECORDER'])],
    ['an auditor', person('aud', ['AUDITOR'])],
    ['a service that reviews', service('bot', ['REVIEWER', 'ADMIN'])],
    ['an agent that reviews', agent('eve', ['REVIEWER', 'ADMIN'])],
    ['a reviewer of other agents', person('far', ['REVIEWER'], { agents: ['payments-*'] })],
  ])('not %s', async (_, principal) => {
    const { app } = await givenEngine();
    await givenEligible(app);
    expect(await codeOf(promote(app, principal, 'eve'))).toBe('FORBIDDEN');
    expect((await agentNow(app)).state.tier).toBe('T0');
  });

  test('not the agent, its owner, or whoever recorded a run of it', async () => {
    const { app } = await givenEngine();
    const roles = ['REVIEWER', 'RECORDER'] as const;
    await record(app, [givenRun(START, { owner: 'olga' })], person('rob', roles));
    await givenEligible(app);
    for (const id of ['eve', 'olga', 'rob'])
      expect(await codeOf(promote(app, person(id, roles), 'eve')), id).toBe('SELF_APPROVAL');
    expect(await promote(app, person('rita', roles), 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test('a reviewer of just these agents', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'payments-eu');
    const limited = person('pam', ['REVIEWER'], { agents: ['payments-*'] });
    expect(await promote(app, limited, 'payments-eu')).toMatchObject({ kind: 'PROMOTED' });
  });
});

describe('a rationale', () => {
  test.each([
    ['nothing', null],
    ['nine characters', 'too short'],
    ['blanks', ' '.repeat(40)],
    ['nine characters among blanks', `   ${'too short'}   `],
  ])('of %s does for a step without review, and not for a review', async (_, rationale) => {
    const { app } = await givenEngine();
    await givenEligible(app, 'new');
    await givenEligible(app, 'old', 'T2');
    expect(await promote(app, ANN, 'new', { rationale })).toMatchObject({ kind: 'PROMOTED' });
    const refused = await refusalOf(promote(app, ANN, 'old', { rationale }));
    expect(refused).toMatchObject({ code: 'VALIDATION', issues: [{ path: 'input.rationale' }] });
    expect(await typesOf(app, 'old')).not.toContain('COMMAND_REFUSED');
  });

  test('has 10 to 2,000 well-formed characters', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    for (const rationale of ['x'.repeat(2_001), `${RATIONALE}\ud800`, `${RATIONALE}\u0000`])
      expect(await codeOf(promote(app, ANN, 'eve', { rationale }))).toBe('VALIDATION');
    expect(await promote(app, ANN, 'eve', { rationale: '1234567890' })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('is kept out of the chain', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    await promote(app, ANN, 'eve');
    const entries = await app.store.reader.entriesAfter(0, 1_000);
    expect(JSON.stringify(entries)).not.toContain(RATIONALE);
    expect(JSON.stringify(entries)).not.toMatch(/"(ann|runner)"/);
  });
});

describe('a vote is bound', () => {
  test('to the tier it expects', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T1');
    for (const expectedTier of ['T0', 'T2', 'T3', 'T4'] as const)
      expect(await codeOf(promote(app, ANN, 'eve', { expectedTier }))).toBe('STALE_EVALUATION');
    expect(await promote(app, ANN, 'eve', { expectedTier: 'T1' })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('to the evidence it was shown', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const expectedEvidence = (await evaluated(app)).evidence;
    await promote(app, ANN, 'eve');
    expect(await codeOf(promote(app, BEN, 'eve', { expectedEvidence }))).toBe('STALE_EVALUATION');
    const fresh = (await evaluated(app)).evidence;
    expect(await promote(app, BEN, 'eve', { expectedEvidence: fresh })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('to both, if both are sent', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const { evidence } = await evaluated(app);
    const other = 'f'.repeat(64);
    const vote = (expectedTier: 'T0' | 'T1', expectedEvidence: string) =>
      promote(app, ANN, 'eve', { expectedTier, expectedEvidence });
    expect(await codeOf(vote('T1', evidence))).toBe('STALE_EVALUATION');
    expect(await codeOf(vote('T0', other))).toBe('STALE_EVALUATION');
    expect(await vote('T0', evidence)).toMatchObject({ kind: 'PROMOTED' });
  });

  test('and stays valid while a busy agent keeps recording and days go by', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    const expectedEvidence = (await evaluated(app)).evidence;
    for (let hour = 0; hour < 5; hour += 1) {
      clock.advance(DAY);
      await record(app, [givenRun(clock.now(), { actions: [givenAction('terraform_apply', clock.now())] })]);
    }
    expect(await promote(app, ANN, 'eve', { expectedEvidence })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('to evidence that the event of becoming eligible gave', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const [event] = await entriesOf(app, 'AGENT_BECAME_ELIGIBLE');
    const expectedEvidence = event?.payload.evidence ?? '';
    expect(await promote(app, ANN, 'eve', { expectedEvidence })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('and falls with any violation, even one that changes no answer', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const expectedEvidence = (await evaluated(app)).evidence;
    await report(app, givenReport(START - 40 * DAY));
    await record(
      app,
      Array.from({ length: 3 }, () => givenRun(START)),
    );
    expect((await agentNow(app)).status).toBe('ELIGIBLE');
    expect(await codeOf(promote(app, ANN, 'eve', { expectedEvidence }))).toBe('STALE_EVALUATION');
  });
});

describe('an idempotency key', () => {
  test('gives the same promotion again, though the agent could be promoted further', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app);
    const first = await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    clock.advance(6 * DAY);
    expect(await promote(app, ANN, 'eve', { idempotencyKey: 'k' })).toEqual(first);
    expect((await agentNow(app)).state.tier).toBe('T1');
  });

  test('gives the same approval again instead of a second vote', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    const first = await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    expect(first.kind).toBe('APPROVED');
    expect(await promote(app, ANN, 'eve', { idempotencyKey: 'k' })).toEqual(first);
    await promote(app, ADA, 'eve');
    expect(await promote(app, ANN, 'eve', { idempotencyKey: 'k' })).toEqual(first);
  });

  test.each([
    ['rationale', { rationale: 'Another rationale.' }],
    ['expected tier', { expectedTier: 'T0' as const }],
    ['expected evidence', { expectedEvidence: 'f'.repeat(64) }],
  ])('is refused with another %s', async (_, more) => {
    const { app } = await givenEngine();
    await givenEligible(app);
    await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    expect(await codeOf(promote(app, ANN, 'eve', { idempotencyKey: 'k', ...more }))).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
  });

  test('is not spent by a refusal', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    expect(await codeOf(promote(app, ANN, 'eve', { idempotencyKey: 'k' }))).toBe('NOT_ELIGIBLE');
    await givenEligible(app);
    expect(await promote(app, ANN, 'eve', { idempotencyKey: 'k' })).toMatchObject({ kind: 'PROMOTED' });
  });

  test('of one mutation or person is not that of another', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    await report(app, givenReport(START - 40 * DAY, { agentId: 'eve', idempotencyKey: 'k' }), ANN);
    await givenEligible(app, 'eve', 'T0');
    expect(await promote(app, ABE, 'eve', { idempotencyKey: 'k' })).toMatchObject({ kind: 'APPROVED' });
  });
});

describe('a refusal by rule or right is an entry', () => {
  test('at most once a minute per person, agent and code, and it survives', async () => {
    const { app, clock } = await givenEngine();
    await record(app, [givenRun(START), givenRun(START, { agentId: 'bob' })]);
    const refuse = async () => {
      for (const [principal, agentId] of [
        ...([
          [ANN, 'eve'],
          [ANN, 'eve'],
          [BEN, 'eve'],
          [ANN, 'bob'],
          [VAL, 'eve'],
          [VAL, 'eve'],
        ] as const),
      ])
        await expect(promote(app, principal, agentId)).rejects.toBeInstanceOf(GovernanceError);
      const entries = await entriesOf(app, 'COMMAND_REFUSED');
      return entries.map(({ agentId, payload }) => `${String(agentId)} ${payload.code}`);
    };
    const round = ['eve NOT_ELIGIBLE', 'eve NOT_ELIGIBLE', 'bob NOT_ELIGIBLE', 'eve FORBIDDEN'];
    expect(await refuse()).toEqual(round);
    clock.advance(MINUTE - 1);
    expect(await refuse()).toEqual(round);
    clock.advance(1);
    expect(await refuse()).toEqual([...round, ...round]);
  });

  test('that keeps the rationale as a text', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START)]);
    await codeOf(promote(app, ANN, 'eve', { rationale: 'because' }));
    const [entry] = await entriesOf(app, 'COMMAND_REFUSED');
    const id = entry?.payload.rationale?.id ?? '';
    expect((await engine.database.reader.text.findUniqueOrThrow({ where: { id } })).body).toBe('because');
  });

  test('that never names an agent that nobody knows', async () => {
    const { app } = await givenEngine();
    await codeOf(promote(app, VAL, 'ghost'));
    const [entry] = await entriesOf(app, 'COMMAND_REFUSED');
    expect(entry).toMatchObject({ agentId: null, payload: { code: 'FORBIDDEN' } });
  });

  test('but never for malformed input, an unknown agent or a spent key', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    const codes = [
      await codeOf(promote(app, ANN, 'eve', { idempotencyKey: 'k', rationale: null })),
      await codeOf(promote(app, ANN, 'ghost')),
      await codeOf(promote(app, ANN, 'Not an id')),
    ];
    expect(codes).toEqual(['IDEMPOTENCY_CONFLICT', 'AGENT_NOT_FOUND', 'VALIDATION']);
    expect(await typesOf(app)).not.toContain('COMMAND_REFUSED');
  });
});
