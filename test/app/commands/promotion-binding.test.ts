import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { ABE, ADA, ANN, BEN } from '../../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import { codeOf, entriesOf } from '../entries.ts';
import { evaluated } from '../standing/evaluated.ts';

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

  test('and falls with any violation, even once that has left the window', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app);
    const expectedEvidence = (await evaluated(app)).evidence;
    await report(app, givenReport(START));
    clock.advance(31 * DAY);
    await givenEligible(app);
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
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ANN, 'eve', { idempotencyKey: 'k' });
    await report(app, givenReport(START, { agentId: 'eve', idempotencyKey: 'k' }), ANN);
    clock.advance(6 * DAY);
    expect(await codeOf(promote(app, ANN, 'eve', { idempotencyKey: 'other' }))).toBe('NOT_ELIGIBLE');
    clock.advance(25 * DAY);
    await givenEligible(app, 'eve', 'T0');
    expect(await promote(app, ABE, 'eve', { idempotencyKey: 'k' })).toMatchObject({ kind: 'APPROVED' });
  });
});
