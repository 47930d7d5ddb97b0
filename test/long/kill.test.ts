import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { givenEngine, HandClock } from '../support/given-engine.ts';
import { start, typescript } from '../support/process.ts';

const ROUNDS = 10;

/** Lets a process record and promote until it has acknowledged so much, kills it at once, and gives all it acknowledged. */
async function killedAfter(count: number, command: readonly string[]): Promise<readonly string[]> {
  const { process, ended } = start(command);
  const acknowledged: string[] = [];
  const lines = createInterface({ input: process.stdout ?? ([] as never) });
  lines.on('line', (line) => {
    acknowledged.push(line);
    if (acknowledged.length === count) process.kill('SIGKILL');
  });
  await once(process, 'close');
  const { stdout, stderr } = await ended;
  expect(stderr).toBe('');
  // The last line may be torn.
  return stdout.slice(0, stdout.lastIndexOf('\n')).split('\n');
}

test(`killed ${ROUNDS} times while it records and promotes, a process has lost nothing that it had acknowledged`, async () => {
  const { app, file } = await givenEngine({ clock: new HandClock(Date.now()) });
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const command = typescript('test/long/processes/record.ts', file, `round-${round}`);
    acknowledged.push(...(await killedAfter(40 + 37 * round, command)));
  }
  const entries = await app.store.reader.entriesAfter(0, 100_000);
  const found = entries.flatMap((entry) => {
    if (entry.type === 'RUN_RECORDED') return [`RUN_RECORDED ${entry.seq} ${entry.payload.runId}`];
    return entry.type === 'AGENT_PROMOTED' ? [`AGENT_PROMOTED ${entry.seq} ${String(entry.agentId)}`] : [];
  });
  expect(acknowledged.filter((line) => line.startsWith('AGENT_PROMOTED')).length).toBeGreaterThan(ROUNDS);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  const lost = new Set(acknowledged);
  for (const line of found) lost.delete(line);
  expect([...lost]).toEqual([]);
});
