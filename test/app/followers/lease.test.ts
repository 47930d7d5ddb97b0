import { expect, test } from 'vitest';
import { FollowerRunner, type RunnerOptions } from '../../../src/app/followers/follower-runner.ts';
import type { Follower } from '../../../src/app/followers/follower.ts';
import { HandClock } from '../../support/given-engine.ts';
import { eventually } from '../vault/given-followed.ts';

/** When a lease is to be prolonged, in milliseconds after it was taken. */
const RENEW_AFTER = 1_500;

/** A runner with nothing to do whose store does something while it looks for entries. */
function givenRunner(clock: HandClock, whileLooking: () => void) {
  const alarms: number[] = [];
  let heldUntil = 0;
  let ring: () => void = () => undefined;
  const store = {
    follower: () => Promise.resolve(null),
    advance: ({ heldUntil: until, position }: { heldUntil: number; position: number }) => {
      heldUntil = until;
      return Promise.resolve({ position });
    },
    entries: () => {
      whileLooking();
      return Promise.resolve([]);
    },
    due: () => Promise.resolve([]),
    nextDue: () => Promise.resolve(null),
    report: () => Promise.resolve(),
    release: () => Promise.resolve(),
  };
  const listen = (wake: () => void) => {
    ring = wake;
    return () => undefined;
  };
  const options = {
    app: { clock, store: { reader: { head: () => Promise.resolve({ seq: 0 }) } }, doorbell: { listen } },
    store,
    holder: 'me',
    watch: {},
    turn: () => Promise.resolve(),
    outlet: { state: 'CLOSED', retryAt: 0, onChange: () => undefined },
    alarm: { set: (at: number) => alarms.push(at), clear: () => undefined },
  } as unknown as RunnerOptions;
  const runner = new FollowerRunner({ name: 'x', types: [] } as unknown as Follower, options);
  runner.start();
  return { runner, alarms, ring: () => ring(), heldUntil: () => heldUntil };
}

test('a lease that is to be prolonged just as its holder looks is prolonged before it ends', async () => {
  const clock = new HandClock(0);
  const { runner, alarms, ring, heldUntil } = givenRunner(clock, () => {
    if (clock.instant === RENEW_AFTER - 1) clock.advance(2);
  });
  await eventually(() => {
    expect(alarms.at(-1)).toBe(RENEW_AFTER);
  });
  alarms.length = 0;
  clock.advance(RENEW_AFTER - 1);
  ring();
  await eventually(() => {
    expect(alarms).toHaveLength(1);
  });
  await runner.stop();
  expect(alarms[0]).toBeLessThan(heldUntil());
});
