import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openEngine, type Engine } from '../../../src/compose/engine.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { givenAction, givenRun, givenViolation, record } from '../../support/given-runs.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Longer than opening an engine and earning T1 take. */
const SOON = 4_000;

/** An engine on the clock of this machine. */
async function givenLiveEngine(file: string): Promise<Engine> {
  const config = loadConfig({ DATABASE_URL: `file:${file}` });
  const engine = await openEngine(config, {
    absent: 'create',
    operator: { id: 'operator:test', kind: 'PERSON' },
  });
  onTestFinished(() => engine.close());
  return engine;
}

/** A violation of an agent that was recorded long ago; gives the instant at which it has left the window. */
async function givenViolated(file: string, agentId: string): Promise<number> {
  const at = Date.now() - 30 * DAY + SOON;
  const config = loadConfig({ DATABASE_URL: `file:${file}` });
  const operator = { id: 'operator:test', kind: 'PERSON' } as const;
  const past = await openEngine(config, { operator, absent: 'create', clock: { now: () => at } });
  await record(past.app, [givenRun(at, { agentId, violations: [givenViolation(at)] })]);
  await past.close();
  return at + 30 * DAY + 1;
}

/** Lets an agent earn T1 but for its violation. */
async function givenEarned({ app }: Engine, agentId: string): Promise<void> {
  const now = app.clock.now();
  const plan = givenRun(now, { agentId, actions: [givenAction('generate_plan', now)] });
  await record(app, [plan, ...Array.from({ length: 5 }, () => givenRun(now, { agentId }))]);
}

async function eligible({ app }: Engine) {
  const entries = await app.store.reader.entriesAfter(0, 100, 'AGENT_BECAME_ELIGIBLE');
  return entries.map(({ agentId, at, recordedAt }) => ({ agentId, at, late: recordedAt >= at }));
}

const faults: unknown[] = [];
const onFault = (fault: unknown) => faults.push(fault);

describe('the eligibility clock', () => {
  test('appends what time alone changes, at its instant and never before it', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const at = await givenViolated(file, 'eve');
    const engine = await givenLiveEngine(file);
    await engine.startClock(onFault);
    await givenEarned(engine, 'eve');
    await vi.waitFor(async () => expect(await eligible(engine)).toHaveLength(1), 10_000);
    expect(await eligible(engine)).toEqual([{ agentId: 'eve', at, late: true }]);
    expect(faults).toEqual([]);
  });

  test('settles at its start what became due while nothing ran', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const at = await givenViolated(file, 'eve');
    const engine = await givenLiveEngine(file);
    await givenEarned(engine, 'eve');
    await vi.waitFor(() => expect(engine.app.clock.now()).toBeGreaterThan(at), 10_000);
    expect(await eligible(engine)).toEqual([]);
    await engine.startClock(onFault);
    expect(await eligible(engine)).toEqual([{ agentId: 'eve', at, late: true }]);
  });

  test('appends each transition once, however many processes run one', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const at = await givenViolated(file, 'eve');
    const engines = [await givenLiveEngine(file), await givenLiveEngine(file), await givenLiveEngine(file)];
    const [first] = engines;
    if (first === undefined) throw new RangeError('There are three engines.');
    await givenEarned(first, 'eve');
    await Promise.all(engines.map((engine) => engine.startClock(onFault)));
    await vi.waitFor(async () => expect(await eligible(first)).toHaveLength(1), 10_000);
    await Promise.all(engines.map((engine) => engine.close()));
    const again = await givenLiveEngine(file);
    await again.startClock(onFault);
    expect(await eligible(again)).toEqual([{ agentId: 'eve', at, late: true }]);
  });
});
