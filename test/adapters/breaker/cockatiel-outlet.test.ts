import { expect, test } from 'vitest';
import { CockatielOutlet } from '../../../src/adapters/breaker/cockatiel-outlet.ts';
import { HandClock } from '../../support/given-engine.ts';

/** More failures than any breaker waits for. */
const MANY = 20;

function givenOutlet() {
  const clock = new HandClock();
  const outlet = new CockatielOutlet({ clock, monotonic: clock, timeout: 1_000, isOutage: () => true });
  const fail = () => outlet.call(() => Promise.reject(new Error('It is down.'))).catch(() => undefined);
  return { clock, outlet, fail };
}

test('what fails waits longer each time, and what fails while the breaker is open no longer than until the next trial', async () => {
  const { clock, outlet, fail } = givenOutlet();
  const longest = Math.max(...Array.from({ length: MANY }, () => outlet.delay(MANY)));
  expect(longest).toBeGreaterThan(outlet.delay(1));
  for (let failures = 0; failures < MANY; failures += 1) await fail();
  expect(outlet.state).toBe('OPEN');
  expect(outlet.retryAt).toBeGreaterThan(clock.now());
  for (let attempts = 1; attempts < MANY; attempts += 1)
    expect(clock.now() + outlet.delay(attempts)).toBeLessThanOrEqual(outlet.retryAt);
  clock.instant = outlet.retryAt;
  await outlet.call(() => Promise.resolve());
  expect(outlet.state).toBe('CLOSED');
  expect(Math.max(...Array.from({ length: MANY }, () => outlet.delay(MANY)))).toBeGreaterThan(longest / 2);
});
