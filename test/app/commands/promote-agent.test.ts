import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote, RATIONALE } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { agent, ANN, person, service, VAL } from '../../support/given-principal.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { codeOf, entriesOf, refusalOf, typesOf } from '../entries.ts';
import { evaluated } from '../standing/evaluated.ts';

describe('a promotion', () => {
  test('raises the tier by one step, ends the candidacy and opens the next one at once if it is earned', async () => {
    const { app, clock } = await givenEngine();
    const before = await givenEligible(app);
    clock.advance(DAY);
    const { seq } = await promote(app, ANN, 'eve');
    const [entry] = await entriesOf(app, 'AGENT_PROMOTED');
    expect(entry).toMatchObject({
      seq,
      at: START + DAY,
      agentId: 'eve',
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
      status: 'ELIGIBLE',
      eligibleSince: START + DAY,
      candidacy: seq + 1,
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
    ['nine characters among blanks', '   too short   '],
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
    const short = ['123456789', ' 12345678 ', '💩'.repeat(9)];
    for (const rationale of [...short, 'x'.repeat(2_001), `${RATIONALE}\ud800`, `${RATIONALE}\u0000`])
      expect(await codeOf(promote(app, ANN, 'eve', { rationale })), rationale).toBe('VALIDATION');
    await givenEligible(app, 'bob', 'T2');
    expect(await promote(app, ANN, 'bob', { rationale: '💩'.repeat(2_000) })).toMatchObject({
      kind: 'PROMOTED',
    });
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
