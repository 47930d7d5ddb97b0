import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createLog } from '../../../src/adapters/system/log.ts';
import type { FollowerStanding } from '../../../src/app/ports/deliveries.ts';
import { reportFollowers } from '../../../src/server/metrics/follower-metrics.ts';

const IDLE: FollowerStanding = {
  name: 'vault',
  position: 9,
  lag: 0,
  pending: 0,
  dead: 0,
  oldest: null,
  oldestUrgent: null,
  holder: null,
  heldUntil: 0,
  lastError: null,
  breaker: 'CLOSED',
  unknown: [],
};

/** The metrics of one follower, and the two clocks that they are measured by, in milliseconds. */
function givenMetrics() {
  const times = { clock: 1_000_000, monotonic: 50 };
  let standing = IDLE;
  const metrics = new Registry();
  reportFollowers({
    metrics,
    log: createLog('silent'),
    standings: () => Promise.resolve([standing]),
    clock: { now: () => times.clock },
    monotonic: { now: () => times.monotonic },
  });
  const seconds = async (name: string) => {
    const text = await metrics.getSingleMetricAsString(`tierkeeper_follower_${name}_seconds`);
    return Number(/\} (\S+)$/m.exec(text)?.[1]);
  };
  const waits = (oldestUrgent: number | null) => {
    standing = { ...IDLE, oldest: oldestUrgent, oldestUrgent };
  };
  const passed = (milliseconds: number) => {
    times.clock += milliseconds;
    times.monotonic += milliseconds;
  };
  return { times, seconds, waits, passed };
}

it('a lowering that waits is told by how long, from before the server started, and as none once it is done', async () => {
  const { seconds, waits, passed } = givenMetrics();
  expect(await seconds('lowering')).toBe(0);
  waits(993_000);
  expect([await seconds('lowering'), await seconds('oldest')]).toEqual([7, 7]);
  passed(2_000);
  expect([await seconds('lowering'), await seconds('oldest')]).toEqual([9, 9]);
  waits(1_001_000);
  expect(await seconds('lowering')).toBe(1);
  waits(null);
  expect([await seconds('lowering'), await seconds('oldest')]).toEqual([0, 0]);
});

it('a lowering that waits is told by how long it has been seen if the clock was put back', async () => {
  const { times, seconds, waits, passed } = givenMetrics();
  times.clock -= 3_600_000;
  waits(1_000_000);
  expect(await seconds('lowering')).toBe(0);
  passed(6_000);
  expect([await seconds('lowering'), await seconds('oldest')]).toEqual([6, 0]);
  waits(1_000_001);
  expect(await seconds('lowering')).toBe(0);
});
