import { describe, expect, test } from 'vitest';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { ABE, ADA, ANN, BEN, person } from '../../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import { codeOf, entriesOf } from '../entries.ts';

const kinds = async (votes: readonly Promise<{ kind: string }>[]) =>
  (await Promise.all(votes)).map(({ kind }) => kind);

async function givenCandidateForT4() {
  const given = await givenEngine();
  await givenEligible(given.app, 'eve', 'T3');
  return given;
}

describe('the step to T4 takes two people, one of them an admin', () => {
  test.each([
    ['a reviewer, then an admin', ANN, ADA],
    ['an admin, then a reviewer', ADA, ANN],
    ['two admins, one of whom fills the need of a reviewer', ADA, ABE],
  ])('%s', async (_, first, second) => {
    const { app } = await givenCandidateForT4();
    const approval = await promote(app, first, 'eve');
    expect(approval).toMatchObject({ kind: 'APPROVED', candidacy: (await agentNow(app)).candidacy });
    expect((await agentNow(app)).state.tier).toBe('T3');
    expect(await promote(app, second, 'eve')).toMatchObject({ kind: 'PROMOTED' });
    expect(await agentNow(app)).toMatchObject({ state: { tier: 'T4' }, candidacy: null, changesAt: null });
  });

  test('and not two reviewers, however many', async () => {
    const { app } = await givenCandidateForT4();
    const reviewers = [ANN, BEN, person('cy'), person('di')];
    for (const reviewer of reviewers)
      expect(await promote(app, reviewer, 'eve')).toMatchObject({
        kind: 'APPROVED',
        missing: [{ role: 'ADMIN', count: 1 }],
      });
    expect(await promote(app, ABE, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test('and not one person twice, in whatever role', async () => {
    const { app } = await givenCandidateForT4();
    const both = person('both', ['REVIEWER', 'ADMIN']);
    expect(await promote(app, both, 'eve')).toMatchObject({ missing: [{ role: 'REVIEWER', count: 1 }] });
    expect(await codeOf(promote(app, both, 'eve'))).toBe('DUPLICATE_APPROVAL');
    expect(await codeOf(promote(app, person('both', ['REVIEWER']), 'eve'))).toBe('DUPLICATE_APPROVAL');
    expect((await agentNow(app)).state.tier).toBe('T3');
  });

  test('and a role is frozen at the vote', async () => {
    const { app } = await givenCandidateForT4();
    await promote(app, person('pat', ['ADMIN']), 'eve');
    expect(await promote(app, person('pia', ['REVIEWER']), 'eve')).toMatchObject({ kind: 'PROMOTED' });
    const [entry] = await entriesOf(app, 'APPROVAL_RECORDED');
    expect(entry?.payload.role).toBe('ADMIN');
  });
});

describe('an approval no longer counts', () => {
  test('once its voter has recorded a run', async () => {
    const { app } = await givenCandidateForT4();
    await promote(app, ADA, 'eve');
    await record(app, [givenRun(START)], { ...ADA, roles: ['RECORDER'] });
    expect(await promote(app, ANN, 'eve')).toMatchObject({
      kind: 'APPROVED',
      missing: [{ role: 'ADMIN', count: 1 }],
    });
    expect(await promote(app, ABE, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test('once its candidacy has lapsed by a violation, even if the agent earns the tier again', async () => {
    const { app, clock } = await givenCandidateForT4();
    await promote(app, ADA, 'eve');
    await report(app, givenReport(START));
    clock.advance(31 * DAY);
    await givenEligible(app, 'eve', 'T0');
    expect((await agentNow(app)).status).toBe('PENDING_REVIEW');
    expect(await promote(app, ANN, 'eve')).toMatchObject({ missing: [{ role: 'ADMIN', count: 1 }] });
    expect(await promote(app, ADA, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test('once its candidacy has lapsed by time', async () => {
    const { app, clock } = await givenEngine();
    const { candidacy } = await givenEligible(app, 'eve', 'T0');
    clock.advance(31 * DAY);
    expect(await codeOf(promote(app, ANN, 'eve'))).toBe('NOT_ELIGIBLE');
    expect((await entriesOf(app, 'ELIGIBILITY_LOST'))[0]?.payload).toMatchObject({ candidacy, cause: null });
  });
});

describe('32 people at once', () => {
  const people = Array.from({ length: 32 }, (_, index) => person(`person-${index}`));

  async function outcomes(votes: readonly Promise<unknown>[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const vote of await Promise.allSettled(votes)) {
      const name =
        vote.status === 'fulfilled'
          ? (vote.value as { kind: string }).kind
          : ((vote.reason as { code?: string }).code ?? String(vote.reason));
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  test('give exactly one promotion, though the agent has earned the step after it too', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const votes = await outcomes(people.map((each) => promote(app, each, 'eve')));
    expect(votes).toEqual({ PROMOTED: 1, STALE_EVALUATION: 31 });
    expect((await agentNow(app)).state.tier).toBe('T1');
  });

  test('give exactly one promotion through two engines on one file', async () => {
    const { app, file, clock } = await givenEngine();
    const { app: other } = await givenEngine({ file, clock });
    await givenEligible(app);
    const votes = await outcomes(people.map((each, index) => promote(index % 2 ? app : other, each, 'eve')));
    expect(votes).toEqual({ PROMOTED: 1, STALE_EVALUATION: 31 });
    expect((await agentNow(other)).state.tier).toBe('T1');
  });

  test('who are one person with one key give one promotion, read 32 times', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const votes = people.map(() => promote(app, ANN, 'eve', { idempotencyKey: 'k' }));
    expect(new Set((await Promise.all(votes)).map(({ seq }) => seq)).size).toBe(1);
    expect(new Set(await kinds(votes))).toEqual(new Set(['PROMOTED']));
  });

  test('give one promotion to T4 by the first two who suffice', async () => {
    const { app } = await givenCandidateForT4();
    const voters = people.map((each, index) => (index === 7 ? { ...each, roles: ['ADMIN'] as const } : each));
    const votes = await outcomes(voters.map((each) => promote(app, each, 'eve')));
    expect(votes).toEqual({ APPROVED: 7, PROMOTED: 1, MAXIMUM_TIER: 24 });
  });
});
