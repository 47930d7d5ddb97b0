import { describe, expect, test } from 'vitest';
import { deny, update } from '../../support/given-authority.ts';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { ABE, ADA, agent, ANN, person, service } from '../../support/given-principal.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { codeOf, entriesOf } from '../entries.ts';

const [OLGA, OTTO] = [person('olga'), person('otto')];

describe('an owner', () => {
  test('is replaced, and neither the new one nor any since the claim opened can decide on it', async () => {
    const { app, clock } = await givenEngine();
    await record(app, [givenRun(START, { owner: 'olga' })]);
    await givenEligible(app);
    clock.advance(1);
    await update(app, { owner: 'otto' });
    await update(app, { owner: 'zoe' });
    for (const by of [OLGA, OTTO, person('zoe')]) {
      expect(await codeOf(promote(app, by, 'eve'))).toBe('SELF_APPROVAL');
      expect(await codeOf(deny(app, {}, by))).toBe('SELF_APPROVAL');
    }
    expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
    expect(await promote(app, OLGA, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  test.each(['olga ', ' olga', 'ol\u200bga', '\u202eolga', 'olga\u001b[2J', 'olga\n', 'erased:1f'])(
    'is not called %j: it would look like somebody else, who could then decide',
    async (owner) => {
      const { app } = await givenEngine();
      await givenEligible(app);
      expect(await codeOf(update(app, { owner }))).toBe('VALIDATION');
      const [outcome] = (await record(app, [givenRun(START, { agentId: 'new', owner })])).outcomes;
      expect(outcome).toMatchObject({ status: 'REFUSED', error: { code: 'VALIDATION' } });
    },
  );

  test('who comes after a vote takes it from whoever cast it', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ANN, 'eve');
    await update(app, { owner: 'ann' });
    expect(await promote(app, ADA, 'eve')).toMatchObject({
      kind: 'APPROVED',
      missing: [{ role: 'REVIEWER', count: 1 }],
    });
    await update(app, { owner: 'olga' });
    expect(await promote(app, ABE, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });
});

describe('an update', () => {
  test('retires and takes back, keeps the claim, and what is so already adds no entry', async () => {
    const { app, clock } = await givenEngine();
    const { candidacy } = await givenEligible(app);
    clock.advance(DAY);
    await update(app, { retired: true });
    await update(app, { retired: true });
    expect(await agentNow(app)).toMatchObject({ retiredAt: START + DAY, candidacy });
    await update(app, { retired: false });
    expect((await agentNow(app)).retiredAt).toBeNull();
    const entries = await entriesOf(app, 'AGENT_UPDATED');
    expect(entries.map(({ payload }) => [payload.owner, payload.retired])).toEqual([
      [null, true],
      [null, false],
    ]);
  });

  test('is for admins who are people or services, and says what it changes', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    for (const by of [ANN, service('runner'), agent('eve', ['ADMIN'])])
      expect(await codeOf(update(app, { owner: 'olga' }, by))).toBe('FORBIDDEN');
    await update(app, { owner: 'olga' }, service('registry', ['ADMIN']));
    expect(await codeOf(update(app, {}))).toBe('VALIDATION');
    expect(await codeOf(update(app, { owner: '' }))).toBe('VALIDATION');
    expect(await codeOf(update(app, { agentId: 'ghost', retired: true }))).toBe('AGENT_NOT_FOUND');
  });

  test('with the same key gives the same, and one entry', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    for (const reason of ['Moved.', 'Moved.'])
      await update(app, { retired: true, idempotencyKey: 'k', reason });
    expect(await codeOf(update(app, { retired: false, idempotencyKey: 'k' }))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await entriesOf(app, 'AGENT_UPDATED')).toHaveLength(1);
  });
});
