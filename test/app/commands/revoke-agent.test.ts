import { describe, expect, test } from 'vitest';
import { coolDownEnd } from '../../../src/governance/revocation.ts';
import { deny, reinstate, revoke } from '../../support/given-authority.ts';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { ABE, ADA, agent, ANN, BEN, person, RUNNER, service, VAL } from '../../support/given-principal.ts';
import { givenReport, givenRun, givenViolation, record, report } from '../../support/given-runs.ts';
import { codeOf, entriesOf, refusalOf, typesOf } from '../entries.ts';
import { evaluated } from '../standing/evaluated.ts';

describe('a revocation', () => {
  test('lowers at once, ends the claim with its votes, and names why', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ANN, 'eve');
    await revoke(app, { toTier: 'T1', suspend: false });
    const { state, candidacy, status } = await agentNow(app);
    expect([state.tier, state.suspended, candidacy, status]).toEqual(['T1', false, null, 'NOT_ELIGIBLE']);
    expect(state.counters.consecutiveCompliantRuns).toBe(0);
    const [entry] = await entriesOf(app, 'AGENT_REVOKED');
    expect(entry?.payload).toMatchObject({
      fromTier: 'T3',
      toTier: 'T1',
      suspended: false,
      rule: null,
      cause: null,
      coolDownUntil: START + 7 * DAY,
    });
    const [lost] = await entriesOf(app, 'ELIGIBILITY_LOST');
    expect(lost?.payload.cause).toBe(entry?.seq);
  });

  test('blocks promotion for 7 days to the millisecond, and then the claim opens by itself', async () => {
    const { app, engine, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    await revoke(app, { toTier: 'T0' });
    await givenEligible(app);
    const until = coolDownEnd('MANUAL', START);
    expect(await evaluated(app)).toMatchObject({
      status: 'NOT_ELIGIBLE',
      changesAt: until,
      eligibleAt: until,
      blockers: [{ kind: 'REVOCATION_COOL_DOWN', until }],
    });
    clock.instant = until - 1;
    expect(await codeOf(promote(app, ANN, 'eve'))).toBe('NOT_ELIGIBLE');
    clock.instant = until;
    await engine.contextFor(VAL);
    expect((await entriesOf(app, 'AGENT_BECAME_ELIGIBLE')).at(-1)?.at).toBe(until);
    expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test('beats a promotion that was bound before it', async () => {
    const { app } = await givenEngine();
    const { evidence } = (await givenEligible(app), await evaluated(app));
    const [revoked, promoted] = await Promise.allSettled([
      revoke(app),
      promote(app, ANN, 'eve', { expectedEvidence: evidence }),
    ]);
    expect([revoked.status, promoted.status]).toEqual(['fulfilled', 'rejected']);
    expect((await agentNow(app)).state).toMatchObject({ tier: 'T0', suspended: true });
  });

  test('is never blocked by a cool-down, and the later end wins', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    await record(app, [givenRun(START, { violations: [givenViolation(START, { severity: 'HIGH' })] })]);
    await revoke(app, { toTier: 'T0' });
    expect((await agentNow(app)).state.revocationCoolDownUntil).toBe(START + 14 * DAY);
    clock.advance(8 * DAY);
    await revoke(app);
    expect((await agentNow(app)).state.revocationCoolDownUntil).toBe(START + 15 * DAY);
  });

  test.each([
    [{ toTier: 'T2', suspend: false }, 'NOT_LOWER'],
    [{ toTier: 'T3', suspend: true }, 'NOT_LOWER'],
    [{ toTier: null, suspend: false }, 'VALIDATION'],
    [{ reason: '  ' }, 'VALIDATION'],
    [{ reason: '\u200b\u2060 \u3164' }, 'VALIDATION'],
    [{ agentId: 'ghost' }, 'AGENT_NOT_FOUND'],
  ] as const)('of an agent at T2 with %o is %s', async (input, code) => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    expect(await codeOf(revoke(app, input))).toBe(code);
    const refused = (await entriesOf(app, 'COMMAND_REFUSED')).map(({ payload }) => payload.code);
    expect(refused).toEqual(code === 'NOT_LOWER' ? ['NOT_LOWER'] : []);
  });

  test('is for reviewers and admins of any kind, as far as they see', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    for (const by of [ANN, ADA, service('guard', ['REVIEWER']), agent('eve', ['REVIEWER'])])
      await revoke(app, {}, by);
    const limited = person('pam', ['REVIEWER'], { agents: ['pay-*'] });
    for (const by of [VAL, RUNNER, limited, agent('bob', ['ADMIN'])])
      expect(await codeOf(revoke(app, {}, by))).toBe('FORBIDDEN');
  });

  test('with the same key gives the same, and one entry', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const first = await revoke(app, { idempotencyKey: 'k' });
    expect(await revoke(app, { idempotencyKey: 'k' })).toEqual(first);
    expect(await codeOf(revoke(app, { idempotencyKey: 'k', reason: 'Else.' }))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await entriesOf(app, 'AGENT_REVOKED')).toHaveLength(1);
  });
});

describe('a violation', () => {
  const violating = (...severities: ('MEDIUM' | 'HIGH' | 'CRITICAL')[]) =>
    givenRun(START, { violations: severities.map((severity) => givenViolation(START, { severity })) });

  test('that is CRITICAL leads to T0 and suspends; each HIGH one tier down; the entry names rule and violation', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T4');
    await record(app, [violating('HIGH', 'HIGH'), violating('CRITICAL'), violating('HIGH')]);
    const revoked = await entriesOf(app, 'AGENT_REVOKED');
    expect(
      revoked.map(({ payload }) => [payload.fromTier, payload.toTier, payload.suspended, payload.rule]),
    ).toEqual([
      ['T4', 'T3', false, 'high-violation'],
      ['T3', 'T2', false, 'high-violation'],
      ['T2', 'T0', true, 'critical-violation'],
      ['T0', 'T0', true, 'high-violation'],
    ]);
    const violations = (await entriesOf(app, 'VIOLATION_REPORTED')).map(({ seq }) => seq);
    expect(revoked.map(({ payload }) => payload.cause)).toEqual(violations);
    expect(revoked.every(({ payload }) => payload.coolDownUntil === START + 14 * DAY)).toBe(true);
    expect((await agentNow(app)).status).toBe('NOT_ELIGIBLE');
  });

  test('is judged before the next run of its batch is counted', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T1');
    await record(app, [violating('HIGH'), givenRun(START)]);
    const types = (await typesOf(app)).slice(-5);
    expect(types.slice(0, 4)).toEqual([
      'RUN_RECORDED',
      'VIOLATION_REPORTED',
      'AGENT_REVOKED',
      'RUN_RECORDED',
    ]);
    const { state } = await agentNow(app);
    expect(state.countersAtTier).toEqual({ totalRuns: 1, compliantRuns: 1, consecutiveCompliantRuns: 1 });
  });

  test('reported later revokes too, however old it is', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T2');
    await report(app, givenReport(START - 400 * DAY, { severity: 'HIGH' }));
    expect((await agentNow(app)).state.tier).toBe('T1');
  });

  test('that is MEDIUM counts once with two others, in one batch or many, and not beyond the window', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T4');
    const medium = () => report(app, givenReport(clock.now(), { severity: 'MEDIUM' }));
    const tierAfter = async (work: Promise<unknown>) => {
      await work;
      return (await agentNow(app)).state.tier;
    };
    expect(await tierAfter(medium())).toBe('T4');
    expect(await tierAfter(record(app, [violating('MEDIUM', 'MEDIUM'), violating('MEDIUM')]))).toBe('T3');
    expect(await tierAfter(medium())).toBe('T3');
    expect(await tierAfter(medium())).toBe('T2');
    await medium();
    await medium();
    clock.advance(30 * DAY + 1);
    expect(await tierAfter(medium())).toBe('T2');
    await medium();
    expect(await tierAfter(medium())).toBe('T1');
  });
});

describe('a suspension', () => {
  test('stays until an admin lifts it; tier and cool-down stay, and the agent still records', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T1');
    await revoke(app);
    await record(app, [givenRun(START)]);
    clock.advance(365 * DAY);
    expect(await evaluated(app)).toMatchObject({
      blockers: [{ kind: 'SUSPENDED', until: null }],
      eligibleAt: null,
    });
    clock.instant = START;
    await reinstate(app);
    const { state } = await agentNow(app);
    expect(state).toMatchObject({
      tier: 'T1',
      suspended: false,
      revocationCoolDownUntil: START + 7 * DAY,
    });
    expect(state.counters.totalRuns).toBe(51);
  });

  test('is lifted by people who are admins alone, and only while there is one', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    expect(await codeOf(reinstate(app))).toBe('VALIDATION');
    await revoke(app);
    for (const by of [ANN, VAL, service('bot', ['ADMIN']), agent('eve', ['ADMIN'])])
      expect(await codeOf(reinstate(app, {}, by))).toBe('FORBIDDEN');
    await reinstate(app, { idempotencyKey: 'k' });
    expect(await reinstate(app, { idempotencyKey: 'k' })).toMatchObject({ agentId: 'eve' });
    const error = await refusalOf(reinstate(app, {}, ABE));
    expect(error.message).toMatch(/^input.agentId: names an agent that is not suspended/);
    expect(await entriesOf(app, 'AGENT_REINSTATED')).toHaveLength(1);
  });
});

describe('a denial', () => {
  test('closes the step for 7 days to the millisecond: DENIED, then the claim opens again', async () => {
    const { app, clock } = await givenEngine();
    const { candidacy } = await givenEligible(app);
    expect(await deny(app)).toEqual({ agentId: 'eve', candidacy });
    const until = START + 7 * DAY;
    expect(await agentNow(app)).toMatchObject({ status: 'DENIED', candidacy: null, changesAt: until });
    expect(await evaluated(app)).toMatchObject({ blockers: [{ kind: 'DENIAL_COOL_DOWN', until }] });
    expect(await codeOf(promote(app, ANN, 'eve'))).toBe('NOT_ELIGIBLE');
    expect(await codeOf(deny(app))).toBe('NO_CANDIDACY');
    clock.instant = until;
    expect(await promote(app, BEN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
    const types = (await typesOf(app)).filter((type) => type !== 'RUN_RECORDED');
    expect(types.slice(1, 6)).toEqual([
      'AGENT_BECAME_ELIGIBLE',
      'PROMOTION_DENIED',
      'COMMAND_REFUSED',
      'COMMAND_REFUSED',
      'AGENT_BECAME_ELIGIBLE',
    ]);
  });

  test('ends with the tier', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T1');
    await deny(app);
    await revoke(app, { toTier: 'T0' });
    expect((await agentNow(app)).state.denialCoolDownUntil).toBeNull();
  });

  test('never hits a claim that a promotion opened meanwhile', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const [promoted, denied] = await Promise.allSettled([promote(app, ANN, 'eve'), deny(app, {}, BEN)]);
    expect(promoted.status).toBe('fulfilled');
    expect(denied).toMatchObject({ status: 'rejected', reason: { code: 'STALE_EVALUATION' } });
    expect((await agentNow(app)).candidacy).not.toBeNull();
  });

  test.each([
    ['T0', { rationale: ' ' }, 'VALIDATION'],
    ['T2', { rationale: 'Too early' }, 'VALIDATION'],
    ['T2', { rationale: `Early${'\u200b'.repeat(9)}` }, 'VALIDATION'],
    ['T0', { agentId: 'ghost' }, 'AGENT_NOT_FOUND'],
    ['T0', { expectedEvidence: 'f'.repeat(64) }, 'STALE_EVALUATION'],
  ] as const)('at %s with %o is refused with %s', async (tier, input, code) => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', tier);
    expect(await codeOf(deny(app, input))).toBe(code);
  });

  test('is for people alone, and for nobody who recorded a run', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    await record(app, [givenRun(START)], person('rob', ['RECORDER']));
    expect(await codeOf(deny(app, {}, person('rob')))).toBe('SELF_APPROVAL');
    for (const by of [VAL, service('bot', ['REVIEWER']), agent('eve', ['ADMIN'])])
      expect(await codeOf(deny(app, {}, by))).toBe('FORBIDDEN');
  });
});
