import { expect, onTestFinished, test } from 'vitest';
import type { Follower } from '../../../src/app/followers/follower.ts';
import { FollowerRunner } from '../../../src/app/followers/follower-runner.ts';
import type { BreakerState, Delivery, FollowerStore, Outlet } from '../../../src/app/ports/deliveries.ts';
import type { App } from '../../../src/app/app.ts';
import { eventually, Watched } from '../vault/given-followed.ts';

const DUE: Delivery = {
  follower: 'toy',
  key: 'eve',
  agentId: 'eve',
  entrySeq: 1,
  decidedAt: 0,
  dueAt: 0,
  urgent: false,
  progress: null,
  attempts: 0,
  error: null,
  dead: false,
};

/** A runner whose breaker never closes, and lets one thing at a time try without a pause. */
function givenBrokenOutlet() {
  const begun: string[] = [];
  let state: BreakerState = 'OPEN';
  const tries = async (what: string) => {
    begun.push(what);
    state = 'HALF_OPEN';
    await new Promise((resolve) => setImmediate(resolve));
    state = 'OPEN';
    throw new Error('It is down.');
  };
  const follower: Follower = {
    name: 'toy',
    types: [],
    asks: () => DUE,
    deliver: () => tries('DELIVERY'),
    failed: () => Promise.resolve({ message: 'It is down.', dead: false }),
    compare: () => tries('COMPARISON').then(() => ({ unknown: [], others: [] })),
  };
  const record = { name: 'toy', position: 0, holder: 'me', heldUntil: Infinity, breaker: state };
  const store: Partial<FollowerStore> = {
    follower: () => Promise.resolve(null),
    advance: () => Promise.resolve({ ...record, lastError: null, unknown: [] }),
    entries: () => Promise.resolve([]),
    due: () => Promise.resolve([DUE]),
    nextDue: () => Promise.resolve(0),
    keep: () => Promise.resolve(),
    report: () => Promise.resolve(),
    release: () => Promise.resolve(),
  };
  const outlet: Outlet = {
    get state() {
      return state;
    },
    retryAt: 0,
    delay: () => 0,
    call: (_, work) => work(),
    onChange: () => undefined,
  };
  const app = {
    store: { reader: { head: () => Promise.resolve({ seq: 0 }) } },
    clock: { now: () => Date.now() },
    doorbell: { listen: () => () => undefined, ring: () => undefined },
  };
  const runner = new FollowerRunner(follower, {
    app: app as unknown as App,
    store: store as FollowerStore,
    outlet,
    alarm: { set: () => undefined, clear: () => undefined },
    watch: new Watched(),
    holder: 'me',
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  runner.start();
  onTestFinished(() => runner.stop());
  return begun;
}

test('while nothing works, comparisons and deliveries take turns at trying', async () => {
  const begun = givenBrokenOutlet();
  await eventually(() => {
    expect(begun.length).toBeGreaterThan(20);
  });
  const counted = (what: string) => begun.slice(0, 20).filter((each) => each === what).length;
  expect(counted('DELIVERY')).toBeGreaterThanOrEqual(8);
  expect(counted('COMPARISON')).toBeGreaterThanOrEqual(8);
});
