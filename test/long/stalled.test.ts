import { expect, test, vi } from 'vitest';
import { readCursor } from '../../src/governance/cursor.ts';
import { SameEvents, stalledStream, subscribing } from '../wire/counting-socket.ts';
import { givenProcess, type Served } from '../wire/served.ts';

const [BATCHES, SIZE, HEALTHY] = [200, 500, 100];
/** Memory is compared with what it was once the server had warmed up. */
const WARM = 20;
/** So much of a lead the writer may have over who reads. */
const LEAD = 4 * SIZE;
const QUERY = 'subscription { ledgerAppended { cursor } }';
/** So many bytes that no buffer between two processes holds them all. */
const LARGE = `subscription { ledgerAppended { ${'abcdefghij'.replace(/./g, '$&: cursor ')} } }`;

const subscribed = (served: Served, many: number) =>
  vi.waitFor(async () => expect(await served.subscribers()).toBe(many), { timeout: 30_000, interval: 50 });

test('100,000 events reach 100 who read, in order; two who don’t are gone within 10 seconds, and cost no memory', async () => {
  const served = await givenProcess({ socketsPerPrincipal: 1_000 });
  const same = new SameEvents();
  const listeners = Array.from({ length: HEALTHY }, () => same.listener());
  await Promise.all(listeners.map(({ onEvent }) => subscribing(served.url, QUERY, onEvent)));
  const stalled = await subscribing(served.url, LARGE, () => undefined);
  stalled.pause();
  await stalledStream(served.url, LARGE);
  await subscribed(served, HEALTHY + 2);
  const memory: number[] = [];
  let recorded = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    recorded += await served.record(batch, SIZE);
    const due = recorded - LEAD;
    await vi.waitFor(() => expect(slowest(listeners)).toBeGreaterThan(due), { timeout: 60_000, interval: 5 });
    memory.push(served.resident());
  }
  expect(recorded).toBe(BATCHES * SIZE);
  await vi.waitFor(() => expect(slowest(listeners)).toBeGreaterThanOrEqual(recorded), { timeout: 60_000 });
  const seqs = same.cursors.map((cursor) => readCursor(cursor)?.seq ?? 0);
  const [first = 0] = seqs;
  expect(seqs.length).toBeGreaterThanOrEqual(recorded);
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
  expect(same.different).toBe(0);
  await subscribed(served, HEALTHY);
  const [before, most] = [memory[WARM] ?? 0, Math.max(...memory.slice(WARM))];
  console.log(
    'MEM',
    before,
    most,
    memory
      .filter((_, i) => i % 10 === 0)
      .map(Math.round)
      .join(' '),
  );
  expect(most - before, `megabytes: ${before.toFixed()} grew to ${most.toFixed()}`).toBeLessThan(64);
}, 600_000);

function slowest(listeners: readonly { readonly count: () => number }[]): number {
  return Math.min(...listeners.map(({ count }) => count()));
}
