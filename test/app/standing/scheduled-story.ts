import fc, { type Scheduler } from 'fast-check';
import { expect } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData, type Policy } from '../../../src/governance/policy.ts';
import { agentNow } from '../../support/given-agent.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { importFile, metrics } from '../import-ledger/given-import.ts';
import { HeldCommand, type Fate } from '../commands/held-command.ts';
import { soundSchedule, type Attempt } from '../proof/sound-schedule.ts';
import {
  commandsFor,
  toldSchedule,
  type CommandName,
  type Send,
  type ToldSchedule,
} from './told-schedule.ts';

const AT_ONCE = 500;

/** One compliant run and no violation earn every step; all but the first need so many reviewers. */
export function quickPolicy(reviewers: number): Policy {
  return parsePolicy({
    ...policyData(baseline),
    name: `quick-${reviewers}`,
    steps: baseline.steps.map((step) => ({
      ...step,
      requirements: [
        { kind: 'COMPLIANT_RUNS', atLeast: 1, since: 'LIFETIME' },
        { kind: 'VIOLATIONS', atMost: 0 },
      ],
      needs: [{ role: 'REVIEWER', count: step.from === 'T0' ? 1 : reviewers }],
    })),
  });
}

/**
 * So many schedules of the same commands about an agent at T1 that has earned T2, a new agent each time: fast-check's
 * scheduler decides when each arrives and when each writes.
 */
export async function tellSchedules(
  { app, file }: { readonly app: App; readonly file: string },
  numRuns: number,
): Promise<Record<string, number>> {
  const agents = new Agents(app);
  const head = rawConnection(file, { readonly: true }).prepare('SELECT seq FROM ledger_head').pluck();
  const headNow = () => Number(head.get());
  const seen: Record<string, number> = {};
  const property = fc.asyncProperty(fc.scheduler(), toldSchedule, async (scheduler, told) => {
    const attempts = await tellSchedule({ app, headNow, scheduler, agentId: await agents.next() }, told);
    for (const { command, held } of attempts) {
      const name = `${command}: ${nameOf(held)}`;
      seen[name] = (seen[name] ?? 0) + 1;
    }
  });
  await fc.assert(property, { numRuns });
  return seen;
}

function nameOf({ outcome }: HeldCommand): string {
  if (outcome === null || 'killed' in outcome) return 'KILLED';
  return 'refused' in outcome ? outcome.refused : 'DONE';
}

/** Agents that were imported at T1 and have earned T2; many at once. */
class Agents {
  #count = 0;

  constructor(private readonly app: App) {}

  async next(): Promise<string> {
    const first = this.#count;
    const names = Array.from({ length: AT_ONCE }, (_, index) => `agent-${first + index}`);
    if (first % AT_ONCE === 0)
      await importFile(
        this.app,
        givenOriginalLedger({ agent_metrics: names.map((name) => metrics(name, 1, 9)) }),
      );
    this.#count += 1;
    return `agent-${first}`;
  }
}

interface Scheduled {
  readonly app: App;
  readonly headNow: () => number;
  readonly scheduler: Scheduler;
  readonly agentId: string;
}

async function tellSchedule(
  { app, headNow, scheduler, agentId }: Scheduled,
  told: ToldSchedule,
): Promise<readonly Attempt[]> {
  const start = headNow();
  const before = await agentNow(app, agentId);
  const commands = commandsFor(agentId, told, app.clock.now());
  const attempts: Attempt[] = [];
  const attempt = (command: CommandName, send: Send, fate: Fate) => {
    const held = new HeldCommand(app, fate);
    const arrive = () => {
      attempts.push({ command, held, arrivedAt: headNow() });
      return held.arrive(send);
    };
    return [
      { label: `${command} arrives`, builder: arrive },
      { label: `${command} writes, ${fate}`, builder: () => held.write() },
    ];
  };
  const sequences = told.commands.map((command) => {
    const killed = told.killed.filter((each) => each.command === command).map(({ fate }) => fate);
    const fates: readonly Fate[] = [...killed, 'ANSWERED'];
    return scheduler.scheduleSequence(fates.flatMap((fate) => attempt(command, commands[command], fate)));
  });
  const ends = await scheduler.waitFor(Promise.all(sequences.map(({ task }) => task)));
  expect(
    ends.some(({ faulty }) => faulty),
    'something else went wrong',
  ).toBe(false);
  const entries = await app.store.reader.entriesAfter(start, 1_000);
  soundSchedule({ before, after: await agentNow(app, agentId), entries, attempts, told });
  return attempts;
}
