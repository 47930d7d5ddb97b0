import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openEngine, type Engine } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { DAY } from '../../src/governance/facts.ts';
import { givenAction, givenRun, givenViolation, record } from '../support/given-runs.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SOON = 300;

/** An engine on the clock of this machine. */
async function givenLiveEngine(file = join(tempFolder(), 'tierkeeper.db')): Promise<Engine> {
  const config = loadConfig({ DATABASE_URL: `file:${file}` });
  const engine = await openEngine(config, {
    absent: 'create',
    operator: { id: 'operator:test', kind: 'PERSON' },
  });
  onTestFinished(() => engine.close());
  return engine;
}

/** An agent that has earned T1 but for one violation, which leaves the window at the instant that is given back. */
async function givenAlmostEligible({ app }: Engine, agentId: string): Promise<number> {
  const now = app.clock.now();
  const occurredAt = now - 30 * DAY + SOON;
  const plan = givenRun(now, { agentId, actions: [givenAction('generate_plan', now)] });
  const bad = givenRun(occurredAt, { agentId, violations: [givenViolation(occurredAt)] });
  await record(app, [bad, plan, ...Array.from({ length: 5 }, () => givenRun(now, { agentId }))]);
  return occurredAt + 30 * DAY + 1;
}

async function eligible({ app }: Engine) {
  const entries = await app.store.reader.entriesAfter(0, 100, 'AGENT_BECAME_ELIGIBLE');
  return entries.map(({ agentId, at, recordedAt }) => ({ agentId, at, late: recordedAt >= at }));
}

const faults: unknown[] = [];
const onFault = (fault: unknown) => faults.push(fault);

describe('the eligibility clock', () => {
  test('appends what time alone changes, at its instant and never before it', async () => {
    const engine = await givenLiveEngine();
    await engine.startClock(onFault);
    const at = await givenAlmostEligible(engine, 'eve');
    await vi.waitFor(async () => expect(await eligible(engine)).toHaveLength(1), 10_000);
    expect(await eligible(engine)).toEqual([{ agentId: 'eve', at, late: true }]);
    expect(faults).toEqual([]);
  });

  test('settles at its start what became due while nothing ran', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const engine = await givenLiveEngine(file);
    const at = await givenAlmostEligible(engine, 'eve');
    await vi.waitFor(() => expect(engine.app.clock.now()).toBeGreaterThan(at), 10_000);
    expect(await eligible(engine)).toEqual([]);
    await engine.startClock(onFault);
    expect(await eligible(engine)).toEqual([{ agentId: 'eve', at, late: true }]);
  });

  test('appends each transition once, however many processes run one', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const engines = [await givenLiveEngine(file), await givenLiveEngine(file), await givenLiveEngine(file)];
    const [first] = engines;
    if (first === undefined) throw new RangeError('There are three engines.');
    const at = await givenAlmostEligible(first, 'eve');
    await Promise.all(engines.map((engine) => engine.startClock(onFault)));
    await vi.waitFor(async () => expect(await eligible(first)).toHaveLength(1), 10_000);
    await Promise.all(engines.map((engine) => engine.close()));
    const again = await givenLiveEngine(file);
    await again.startClock(onFault);
    expect(await eligible(again)).toEqual([{ agentId: 'eve', at, late: true }]);
  });
});
