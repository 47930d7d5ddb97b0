import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { StorageUnavailableError } from '../../../src/app/ports/storage-errors.ts';
import { agentNow } from '../../support/given-agent.ts';
import { givenEngine, START, type GivenEngine } from '../../support/given-engine.ts';
import { holding } from '../../support/holding.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { entriesOf } from '../../app/entries.ts';

const recordMany = ({ app }: GivenEngine, count: number) =>
  Array.from({ length: count }, () => record(app, [givenRun(START)]));

/** How many have been answered by now; whoever could answer has had its turn. */
async function answered(work: readonly Promise<unknown>[]): Promise<number> {
  for (let turns = 0; turns < 20; turns += 1) await turn();
  const pending = Symbol('pending');
  const now = await Promise.all(work.map((each) => Promise.race([each, Promise.resolve(pending)])));
  return now.filter((each) => each !== pending).length;
}

describe('commands that share a transaction', () => {
  test('are not answered before its commit, and can be read once they are', async () => {
    const given = await givenEngine();
    const { app } = given;
    const last = holding();
    const recorded = recordMany(given, 3);
    const held = app.store.write(last.work, { grouped: true });
    const tx = await last.begun;
    expect((await tx.agents(['eve'])).get('eve')?.state.counters.totalRuns).toBe(3);
    expect(await answered(recorded)).toBe(0);
    expect((await app.store.reader.agents(['eve'])).size).toBe(0);
    last.letGo();
    await Promise.all([...recorded, held]);
    expect((await agentNow(app)).state.counters.totalRuns).toBe(3);
  });

  test('are all told if it is lost, and none of them has happened', async () => {
    const given = await givenEngine();
    const { app } = given;
    const last = holding();
    const recorded = recordMany(given, 3);
    const lost = app.store.write(last.work, { grouped: true });
    const settled = Promise.allSettled([...recorded, lost]);
    await last.begun;
    last.fail(new StorageUnavailableError());
    for (const each of await settled)
      expect(each).toEqual({ status: 'rejected', reason: new StorageUnavailableError() });
    expect(await entriesOf(app, 'RUN_RECORDED')).toEqual([]);
    await Promise.all(recordMany(given, 2));
    expect((await agentNow(app)).state.counters.totalRuns).toBe(2);
  });

  test('know each other’s principals, but not those of one that failed', async () => {
    const { app } = await givenEngine();
    const failing = app.store.write(
      async (tx) => {
        await tx.actorKey({ id: 'runner', kind: 'SERVICE' });
        await tx.flush();
        await tx.actorKey({ id: 'runner', kind: 'SERVICE' });
        throw new Error('A bug.');
      },
      { grouped: true },
    );
    const [failed, ...recorded] = await Promise.allSettled([
      failing,
      ...recordMany({ app } as GivenEngine, 3),
    ]);
    expect(failed.status).toBe('rejected');
    expect(recorded.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect((await app.store.reader.knownKeys(['runner'])).size).toBe(1);
  });
});

describe('a queue', () => {
  test('of 1,000 commands refuses the next at once, which leaves nothing, and goes on with those that wait', async () => {
    const given = await givenEngine();
    const { app } = given;
    const first = holding();
    const held = app.store.write(first.work);
    await first.begun;
    const nothing = Array.from({ length: 900 }, () =>
      app.store.write(() => Promise.resolve(), { grouped: true }),
    );
    const waiting = recordMany(given, 99);
    const refused = await Promise.allSettled(recordMany(given, 50));
    for (const each of refused)
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'OVERLOADED', retryable: true } });
    first.letGo();
    await Promise.all([held, ...nothing, ...waiting]);
    expect((await agentNow(app)).state.counters.totalRuns).toBe(99);
    await Promise.all(recordMany(given, 1));
    expect((await agentNow(app)).state.counters.totalRuns).toBe(100);
  });
});
