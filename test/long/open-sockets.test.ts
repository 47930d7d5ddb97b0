import { expect, test, vi } from 'vitest';
import { subscribing } from '../wire/counting-socket.ts';
import { givenProcess } from '../wire/served.ts';

/** Always the whole bar: with fewer sockets the server's own memory, which the garbage collector moves, would decide. */
const SOCKETS = 2_000;
const MEGABYTES = 400;
const QUERY = 'subscription { ledgerAppended { cursor } }';

test(`${SOCKETS} open sockets, each subscribed and each told, need less than ${MEGABYTES} MB`, async () => {
  const served = await givenProcess({ socketsPerPrincipal: SOCKETS, operationsPerMinute: 100_000 });
  let told = 0;
  for (let opened = 0; opened < SOCKETS; opened += 100)
    await Promise.all(
      Array.from({ length: 100 }, () => subscribing(served.url, { query: QUERY }, () => (told += 1))),
    );
  await vi.waitFor(async () => expect(await served.subscribers()).toBe(SOCKETS), { timeout: 60_000 });
  await served.record(0, 1);
  await vi.waitFor(() => expect(told).toBe(2 * SOCKETS), { timeout: 60_000 });
  expect(served.resident()).toBeLessThan(MEGABYTES);
}, 300_000);
