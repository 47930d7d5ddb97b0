import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { EligibilityClock } from '../../../src/app/standing/eligibility-clock.ts';
import type { App } from '../../../src/app/app.ts';
import type { Alarm } from '../../../src/app/ports/world.ts';
import type { Engine } from '../../../src/compose/engine.ts';
import type { Policy } from '../../../src/governance/policy.ts';
import { ACTION_TYPES } from '../../governance/arbitrary-policy.ts';
import { DAY, HandClock, openedEngine, START } from '../../support/given-engine.ts';
import { entriesOf } from '../entries.ts';
import { NaiveAgents, type NaiveTransition } from './naive-agents.ts';
import { soundLedger } from '../proof/sound-ledger.ts';
import { Telling } from './telling.ts';
import { AGENT_IDS, toldStep, type ToldStep } from './told-steps.ts';

/** What happens in a story about time. */
export type ClockStep =
  | ToldStep
  /** Time goes on to the next instant that changes anything, or just before or after it. */
  | { readonly step: 'APPROACH'; readonly offset: number }
  /** Nothing runs while time goes on. */
  | { readonly step: 'CLOSED'; readonly by: number };

const by = fc.oneof(
  fc.integer({ min: 1, max: 5 * DAY }),
  fc.constantFrom(1, DAY, 29 * DAY, 30 * DAY, 70 * DAY),
);

const clockStep: fc.Arbitrary<ClockStep> = fc.oneof(
  { weight: 4, arbitrary: toldStep },
  {
    weight: 5,
    arbitrary: fc.record({ step: fc.constant('APPROACH' as const), offset: fc.constantFrom(-1, 0, 0, 0, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('ADVANCE' as const), by }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('CLOSED' as const), by }) },
);

/** Within the last month, so that all of it leaves the window at some time, and not at the same. */
const ago = fc
  .tuple(fc.integer({ min: 0, max: 29 }), fc.constantFrom(0, 1, 77))
  .map(([days, ms]) => days * DAY + ms);

/** An agent breaks a rule, and then does everything that it should. */
function earning(agentId: (typeof AGENT_IDS)[number]): fc.Arbitrary<readonly ClockStep[]> {
  const rest = { step: 'RECORD', agentId, recorder: 'runner', owner: null } as const;
  return fc.tuple(fc.array(ago, { maxLength: 2 }), ago).map(([broken, done]) => {
    const violations = broken.map((each) => ({ ago: each, severity: 'LOW' as const }));
    const actions = ACTION_TYPES.map((type) => ({
      type,
      decision: 'EXECUTE' as const,
      success: true,
      ago: done,
    }));
    return [
      { ...rest, runs: [{ actions: [], violations }], times: 1 },
      { ...rest, runs: [{ actions, violations: [] }], times: 12 },
    ];
  });
}

/** Agents that have earned a tier or soon will, then anything that can happen, and much time that passes. */
export function clockStory(length: { readonly minLength: number; readonly maxLength: number }) {
  return fc
    .tuple(...AGENT_IDS.map(earning), fc.array(clockStep, { ...length, size: 'max' }))
    .map((parts) => parts.flat());
}

/** An alarm by a clock that a test moves: it goes off once the test lets it. */
class HandAlarm implements Alarm {
  #set: { readonly instant: number; readonly wake: () => void } | null = null;

  constructor(private readonly clock: HandClock) {}

  set(instant: number, wake: () => void): void {
    this.#set = { instant, wake };
  }

  clear(): void {
    this.#set = null;
  }

  goOffIfDue(): void {
    if (this.#set === null || this.clock.now() < this.#set.instant) return;
    const { wake } = this.#set;
    this.clear();
    wake();
  }
}

/** Steps in which nothing but time passes. */
const PASSING: ReadonlySet<ClockStep['step']> = new Set(['ADVANCE', 'APPROACH', 'CLOSED']);

/**
 * Tells a story to a running eligibility clock and to the naive model. After every step each agent's stored status must
 * be what counting everything anew comes to, and every transition so far must stand in the ledger once, in order and at
 * its instant. Gives how many time alone has brought.
 */
export async function tellClockStory(policy: Policy, steps: readonly ClockStep[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-story-'));
  const file = join(folder, 'tierkeeper.db');
  const clock = new HandClock();
  const naive = new NaiveAgents(policy, START);
  const running = new RunningClock({ file, policy, clock });
  try {
    await running.start();
    const telling = new Telling(clock, naive);
    let byTime = 0;
    for (const step of steps) {
      const before = naive.transitions.length;
      await tell(step, { running, telling });
      await compare(running, naive, step);
      if (PASSING.has(step.step)) byTime += naive.transitions.length - before;
    }
    return byTime;
  } finally {
    await running.stop();
    await soundLedger(file, { now: clock.now(), policy });
    rmSync(folder, { recursive: true });
  }
}

interface Opened {
  readonly file: string;
  readonly policy: Policy;
  readonly clock: HandClock;
}

/** An engine with its eligibility clock, which can be stopped and started again. */
class RunningClock {
  readonly #opened: Opened;
  readonly #faults: unknown[] = [];
  readonly alarm: HandAlarm;
  #engine: Engine | null = null;
  #eligibilityClock: EligibilityClock | null = null;

  constructor(opened: Opened) {
    this.#opened = opened;
    this.alarm = new HandAlarm(opened.clock);
  }

  get app(): App {
    if (this.#engine === null) throw new Error('Nothing runs.');
    return this.#engine.app;
  }

  async start(): Promise<void> {
    const { engine } = await openedEngine({ ...this.#opened });
    this.#engine = engine;
    this.#eligibilityClock = new EligibilityClock(engine.app, this.alarm, (fault) =>
      this.#faults.push(fault),
    );
    await this.#eligibilityClock.start();
  }

  async stop(): Promise<void> {
    await this.#eligibilityClock?.stop();
    await this.#engine?.close();
    expect(this.#faults).toEqual([]);
  }
}

async function tell(
  step: ClockStep,
  { running, telling }: { readonly running: RunningClock; readonly telling: Telling },
): Promise<void> {
  switch (step.step) {
    case 'CLOSED':
      await running.stop();
      telling.advance(step.by);
      await running.start();
      break;
    case 'APPROACH': {
      const next = await running.app.store.reader.nextChange();
      const wait = (next ?? 0) + step.offset - running.app.clock.now();
      if (wait > 0) telling.advance(wait);
      break;
    }
    case 'RECORD':
    case 'REPORT':
    case 'PROMOTE':
    case 'DENY':
    case 'REVOKE':
    case 'REINSTATE':
    case 'UPDATE':
    case 'ADVANCE':
      await telling.tell(running.app, step);
  }
  running.alarm.goOffIfDue();
}

/** Nobody asks for anything meanwhile: only the clock can have settled what time changed. */
async function compare(running: RunningClock, naive: NaiveAgents, step: ClockStep): Promise<void> {
  const { app } = running;
  const expected = naive.names.map((name) => [name, naive.view(name).status]);
  const stored = async () => {
    const agents = await app.store.reader.agents(naive.names);
    expect(
      naive.names.map((name) => [name, agents.get(name)?.status]),
      JSON.stringify(step),
    ).toEqual(expected);
    expect(await transitions(app), JSON.stringify(step)).toEqual(inOrder(naive.transitions));
  };
  await vi.waitFor(stored, { interval: 2, timeout: 5_000 });
}

/** What the ledger says, in its order: that of the instants. Agents to whom something happened at one instant are sorted. */
async function transitions(app: App): Promise<readonly NaiveTransition[]> {
  const entries = [
    ...(await entriesOf(app, 'AGENT_BECAME_ELIGIBLE')),
    ...(await entriesOf(app, 'ELIGIBILITY_LOST')),
  ].sort((a, b) => a.seq - b.seq);
  const found = entries.map(({ agentId, type, at }) => ({ agentId: agentId ?? '', type, at }));
  expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => a - b));
  return inOrder(found);
}

function inOrder(found: readonly NaiveTransition[]): readonly NaiveTransition[] {
  return found.toSorted(
    (a, b) => a.at - b.at || (a.agentId < b.agentId ? -1 : a.agentId > b.agentId ? 1 : 0),
  );
}
