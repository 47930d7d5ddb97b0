import { expect, test, vi } from 'vitest';
import { readCursor } from '../../src/governance/ledger/cursor.ts';
import { SameEvents, stalledStream, subscribing } from '../wire/counting-socket.ts';
import { givenProcess, type Served } from '../wire/served.ts';

/** Batches while everybody reads, by which the server warms up, then while some don’t. */
const [WARMING, MEASURED] = [140, 200];
const [SIZE, HEALTHY] = [500, 100];
/** So much of a lead the writer may have over who reads. */
const LEAD = 4 * SIZE;
const QUERY = 'subscription { ledgerAppended { cursor } }';
/** So many bytes that no buffer between two processes holds them all. */
const LARGE = `subscription ($after: String) {
  ledgerAppended(after: $after) { ${'abcdefghij'.replace(/./g, '$&: cursor ')} } }`;

test('100,000 events reach 100 who read, in order; those who don’t cost no memory, and are gone within 10 seconds', async () => {
  const served = await givenProcess({ socketsPerPrincipal: 1_000 });
  const same = new SameEvents();
  const listeners = Array.from({ length: HEALTHY }, () => same.listener());
  await Promise.all(listeners.map(({ onEvent }) => subscribing(served.url, { query: QUERY }, onEvent)));
  await subscribed(served, HEALTHY);
  const recorder = new Recorder(served, () => Math.min(...listeners.map(({ count }) => count())));
  const before = await recorder.record(WARMING);
  await stall(served, {});
  await subscribed(served, HEALTHY + 2);
  const most = await recorder.record(MEASURED);
  await recorder.taken(recorder.recorded);
  inOrder(same, recorder.recorded);
  expect(most - before, `${before.toFixed()} MB grew to ${most.toFixed()} MB`).toBeLessThan(64);
  console.info(`${before.toFixed()} MB grew to ${most.toFixed()} MB.`);
  await subscribed(served, HEALTHY);
  await stall(served, { after: same.cursors[0] ?? '' });
  await subscribed(served, HEALTHY + 2);
  await subscribed(served, HEALTHY, 10_000);
}, 600_000);

async function subscribed(served: Served, many: number, timeout = 30_000): Promise<void> {
  await vi.waitFor(async () => expect(await served.subscribers()).toBe(many), { timeout, interval: 50 });
}

/** Two subscribe, over WebSocket and SSE, and read nothing. */
async function stall({ url }: Served, variables: Readonly<Record<string, unknown>>): Promise<void> {
  const asked = { query: LARGE, variables };
  (await subscribing(url, asked, () => undefined)).pause();
  await stalledStream(url, asked);
}

/** Records batches, hardly faster than the slowest reader reads. */
class Recorder {
  #batches = 0;
  recorded = 0;

  constructor(
    private readonly served: Served,
    private readonly slowest: () => number,
  ) {}

  /** Gives how many megabytes the server needed at most. */
  async record(batches: number): Promise<number> {
    let most = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      this.recorded += await this.served.record(this.#batches++, SIZE);
      await this.taken(this.recorded - LEAD);
      most = Math.max(most, this.served.resident());
    }
    return most;
  }

  /** Everybody who reads has had so many events. */
  async taken(many: number): Promise<void> {
    await vi.waitFor(() => expect(this.slowest()).toBeGreaterThanOrEqual(many), {
      timeout: 60_000,
      interval: 5,
    });
  }
}

function inOrder(same: SameEvents, least: number): void {
  const seqs = same.cursors.map((cursor) => readCursor(cursor)?.seq ?? 0);
  expect(seqs.length).toBeGreaterThanOrEqual(least);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  expect(same.different, 'events that were not the same for all').toBe(0);
}
