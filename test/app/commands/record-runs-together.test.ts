import { describe, expect, test } from 'vitest';
import { recordRuns } from '../../../src/app/commands/record-runs.ts';
import { agentNow } from '../../support/given-agent.ts';
import { DAY, givenEngine, START } from '../../support/given-engine.ts';
import { RUNNER, service, VAL } from '../../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import { codeOf, entriesOf, typesOf } from '../entries.ts';

const many = <T>(count: number, each: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => each(index));

describe('batches that arrive together', () => {
  test('each get their own outcome, whatever becomes of the others', async () => {
    const { app } = await givenEngine();
    const first = givenRun(START);
    await record(app, [first]);
    const outcomes = await Promise.all(
      many(100, async (index) => {
        switch (index % 5) {
          case 0:
            return (await record(app, [givenRun(START)])).outcomes[0]?.status;
          case 1:
            return (await record(app, [first])).outcomes[0]?.status;
          case 2: {
            const [outcome] = (await record(app, [givenRun(START + DAY)])).outcomes;
            return outcome?.status === 'REFUSED' ? outcome.error.code : 'none';
          }
          case 3:
            return codeOf(record(app, [givenRun(START)], VAL));
          default:
            return (await report(app, givenReport(START - 40 * DAY))).agentId;
        }
      }),
    );
    const expected = ['RECORDED', 'ALREADY_RECORDED', 'TIME_IN_FUTURE', 'FORBIDDEN', 'eve'];
    expect(outcomes).toEqual(many(100, (index) => expected[index % 5]));
    expect((await agentNow(app)).state.counters.totalRuns).toBe(21);
    expect(await entriesOf(app, 'VIOLATION_REPORTED')).toHaveLength(20);
    expect((await entriesOf(app, 'COMMAND_REFUSED')).map(({ payload }) => payload.code).sort()).toEqual([
      'FORBIDDEN',
      'TIME_IN_FUTURE',
    ]);
  });

  test('register an agent once', async () => {
    const { app } = await givenEngine();
    await Promise.all(many(40, (index) => record(app, [givenRun(START)], service(`runner-${index}`))));
    expect((await typesOf(app)).filter((type) => type === 'AGENT_REGISTERED')).toHaveLength(1);
    expect((await agentNow(app)).state.counters.totalRuns).toBe(40);
  });

  test('record a run once, and under one key give one outcome', async () => {
    const { app } = await givenEngine();
    const run = givenRun(START);
    const same = await Promise.all(many(20, () => record(app, [run])));
    expect(same.filter(({ outcomes }) => outcomes[0]?.status === 'RECORDED')).toHaveLength(1);
    const input = { runs: [givenRun(START)], idempotencyKey: 'k' };
    const [first, ...rest] = await Promise.all(many(20, () => recordRuns(app, RUNNER, input)));
    for (const each of rest) expect(each).toEqual(first);
  });

  test('open a candidacy once', async () => {
    const { app } = await givenEngine();
    const run = () => givenRun(START, { actions: [givenAction('generate_plan', START)] });
    await Promise.all(many(30, () => record(app, [run()])));
    expect(await entriesOf(app, 'AGENT_BECAME_ELIGIBLE')).toHaveLength(1);
  });

  test('lose only the one that fails for no reason of its own', async () => {
    const { app } = await givenEngine();
    const broken = () =>
      app.store.write(
        async (tx) => {
          const actor = await tx.actorKey({ id: 'broken', kind: 'SERVICE' });
          tx.append({
            type: 'POLICY_ADOPTED',
            at: tx.now,
            agentId: null,
            actor,
            payload: { policy: 'x', previous: null },
          });
          await tx.flush();
          throw new Error('A bug.');
        },
        { grouped: true },
      );
    const work = many(60, (index) => (index % 3 === 1 ? broken() : record(app, [givenRun(START)])));
    const settled = await Promise.allSettled(work);
    expect(settled.map(({ status }) => status)).toEqual(
      many(60, (index) => (index % 3 === 1 ? 'rejected' : 'fulfilled')),
    );
    expect((await agentNow(app)).state.counters.totalRuns).toBe(40);
    expect((await app.store.reader.knownKeys(['broken'])).size).toBe(0);
  });
});
