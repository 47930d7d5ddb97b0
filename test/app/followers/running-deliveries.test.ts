import { expect, test } from 'vitest';
import { RunningDeliveries } from '../../../src/app/followers/running-deliveries.ts';
import type { Follower, Lease } from '../../../src/app/followers/follower.ts';
import type { BreakerState, Delivery, FollowerStore, Outlet } from '../../../src/app/ports/deliveries.ts';
import { eventually, Watched } from '../vault/given-followed.ts';

/** A row as it is found: due, and never tried. */
function row(key: string, seq: number, more: Partial<Delivery> = {}): Delivery {
  const rest = { progress: null, dueAt: 0, attempts: 0, error: null, dead: false, urgent: false };
  return { follower: 'toy', key, agentId: key, entrySeq: seq, decidedAt: 0, ...rest, ...more };
}

/** Deliveries of a follower whose every delivery goes on once the test says so. */
function givenDeliveries() {
  const breaker: { state: BreakerState } = { state: 'CLOSED' };
  const begun: string[] = [];
  const goOn = new Map<string, () => void>();
  const deliver = async ({ key }: Delivery, lease: Lease) => {
    begun.push(key);
    await new Promise<void>((resolve) => goOn.set(key, resolve));
    lease.assertHeld();
  };
  let ended = 0;
  const store: Partial<FollowerStore> = { keep: () => Promise.resolve(), report: () => Promise.resolve() };
  const outlet: Partial<Outlet> = {
    retryAt: 0,
    get state() {
      return breaker.state;
    },
  };
  const deliveries = new RunningDeliveries({
    follower: { name: 'toy', deliver } as Partial<Follower> as Follower,
    store: store as FollowerStore,
    outlet: outlet as Outlet,
    clock: { now: () => 1 },
    watch: new Watched(),
    holder: 'me',
    holds: () => true,
    ended: () => {
      ended += 1;
    },
  });
  /** Lets one go on, to its end. */
  const end = async (key: string) => {
    const before = ended;
    goOn.get(key)?.();
    await eventually(() => {
      expect(ended).toBeGreaterThan(before);
    });
  };
  return { deliveries, breaker, begun, end };
}

test('what is due again while it is about to end is not passed over', async () => {
  const { deliveries, begun, end } = givenDeliveries();
  deliveries.take([row('eve', 1)]);
  deliveries.begin();
  deliveries.take([row('eve', 1)]);
  expect(deliveries.isIdle).toBe(false);
  deliveries.take([row('eve', 1, { attempts: 1, dueAt: 1 })]);
  await end('eve');
  deliveries.begin();
  expect(begun).toEqual(['eve', 'eve']);
  await end('eve');
  expect(deliveries.isIdle).toBe(true);
});

test('while the breaker is open the first and the newest try in turn, and what lowers is first once it is closed', async () => {
  const { deliveries, breaker, begun, end } = givenDeliveries();
  breaker.state = 'OPEN';
  const due = [
    row('low', 9, { urgent: true }),
    row('old', 1),
    row('new', 2),
    row('failed', 3, { attempts: 1 }),
  ];
  deliveries.take(due);
  deliveries.begin();
  deliveries.begin();
  expect(begun).toEqual(['low']);
  await end('low');
  deliveries.take(due);
  deliveries.begin();
  expect(begun).toEqual(['low', 'new']);
  breaker.state = 'CLOSED';
  await end('new');
  deliveries.begin();
  expect(begun).toEqual(['low', 'new', 'low', 'old', 'failed', 'new']);
  for (const { key } of due) await end(key);
  expect(deliveries.isIdle).toBe(true);
});
