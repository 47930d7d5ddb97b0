import { describe, expect, test } from 'vitest';
import { GovernanceError } from '../../../src/governance/errors.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { givenEngine, MINUTE, START } from '../../support/given-engine.ts';
import { ANN, BEN, VAL } from '../../support/given-principal.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { codeOf, entriesOf, typesOf } from '../entries.ts';

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

  test('that keeps no rationale where a blank one says nothing', async () => {
    const { app } = await givenEngine();
    await record(app, [givenRun(START)]);
    await codeOf(promote(app, ANN, 'eve', { rationale: '  ' }));
    const [entry] = await entriesOf(app, 'COMMAND_REFUSED');
    expect(entry?.payload.rationale).toBeNull();
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
