import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedgerArchive } from '../../src/adapters/sqlite/ledger-archive.ts';
import type { App } from '../../src/app/app.ts';
import { verifyLedger } from '../../src/app/proof/verify-ledger.ts';
import { givenEngine, HandClock } from '../support/given-engine.ts';
import { givenAction, givenRun, record } from '../support/given-runs.ts';
import { memoryFolder } from '../support/memory-folder.ts';
import { start, typescript, type Started } from '../support/process.ts';
import { counted } from './counted.ts';

const PROCESSES = 4;
const PEOPLE = 64;
const AGENTS = counted(200);
const AGENTS_IN_ROUND = 10;

/** Agents that have earned T1 and nothing more. */
async function givenFleet(app: App): Promise<readonly string[]> {
  const at = app.clock.now();
  const names = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
  const runsOf = (agentId: string) =>
    [[givenAction('generate_plan', at)], [], [], [], []].map((actions) => givenRun(at, { agentId, actions }));
  for (let first = 0; first < AGENTS; first += 100)
    await record(app, names.slice(first, first + 100).flatMap(runsOf));
  return names;
}

/** Waits until every process has said something; one that ends before has failed. */
async function allSpeak(processes: readonly Started[]): Promise<void> {
  const speaks = ({ process, ended }: Started) =>
    Promise.race([
      once(process.stdout ?? process, 'data'),
      ended.then(({ code, stderr }) => {
        throw new Error(`A process ended with ${String(code)}: ${stderr}`);
      }),
    ]);
  await Promise.all(processes.map(speaks));
}

async function inRounds(processes: readonly Started[], rounds: number): Promise<void> {
  let spoken = allSpeak(processes);
  for (let round = 0; round < rounds; round += 1) {
    await spoken;
    if (round + 1 < rounds) spoken = allSpeak(processes);
    for (const { process } of processes) process.stdin?.write('go\n');
  }
}

test(
  `${PROCESSES} processes of ${PEOPLE} people who promote each of ${AGENTS} agents give one promotion each, and refuse the others as stale`,
  { timeout: 1_200_000 },
  async () => {
    const { app, file } = await givenEngine({
      file: join(memoryFolder(), 'tierkeeper.db'),
      clock: new HandClock(Date.now()),
      unsound: true,
    });
    const names = await givenFleet(app);
    const args = [PEOPLE, AGENTS, AGENTS_IN_ROUND].map(String);
    const program = (index: number) =>
      typescript('test/long/processes/promote-fleet.ts', file, `process-${index}`, ...args);
    const processes = Array.from({ length: PROCESSES }, (_, index) => start(program(index)));
    await inRounds(processes, AGENTS / AGENTS_IN_ROUND);
    const counts: Record<string, Record<string, number>> = {};
    for (const { code, stdout, stderr } of await Promise.all(processes.map(({ ended }) => ended))) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const last = stdout.trim().split('\n').at(-1) ?? '';
      for (const [agentId, outcomes] of Object.entries(JSON.parse(last) as typeof counts))
        for (const [outcome, count] of Object.entries(outcomes)) {
          const sums = (counts[agentId] ??= {});
          sums[outcome] = (sums[outcome] ?? 0) + count;
        }
    }
    const each = { PROMOTED: 1, STALE_EVALUATION: PROCESSES * PEOPLE - 1 };
    expect(counts).toEqual(Object.fromEntries(names.map((agentId) => [agentId, each])));
    const promotions = await app.store.reader.entriesAfter(0, 100_000, 'AGENT_PROMOTED');
    expect(promotions.map(({ agentId }) => agentId).sort()).toEqual(names.toSorted());
    const { problems } = await verifyLedger(openLedgerArchive(file));
    expect(problems).toEqual({ total: 0, byKind: {}, listed: [] });
  },
);
