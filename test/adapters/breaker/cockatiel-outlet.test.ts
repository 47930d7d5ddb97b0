import { expect, test } from 'vitest';
import { CockatielOutlet } from '../../../src/adapters/breaker/cockatiel-outlet.ts';
import { HandClock } from '../../support/given-engine.ts';

/** More failures than any breaker waits for. */
const MANY = 20;

function givenOutlet() {
  const clock = new HandClock();
  const outlet = new CockatielOutlet({ clock, monotonic: clock, timeout: 1_000, isOutage: () => true });
  const fail = () =>
    outlet.call('eve', () => Promise.reject(new Error('It is down.'))).catch(() => undefined);
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
  await outlet.call('eve', () => Promise.resolve());
  expect(outlet.state).toBe('CLOSED');
  expect(Math.max(...Array.from({ length: MANY }, () => outlet.delay(MANY)))).toBeGreaterThan(longest / 2);
});

test('one that fails again and again while others are served opens no breaker; where nobody is served, it does', async () => {
  const { outlet, fail } = givenOutlet();
  for (let failures = 0; failures < MANY; failures += 1) {
    await fail();
    await outlet.call('adam', () => Promise.resolve());
  }
  expect(outlet.state).toBe('CLOSED');
  for (let failures = 0; failures < MANY; failures += 1) await fail();
  expect(outlet.state).toBe('OPEN');
});

test('so many that fail by themselves in a row open it no more than one does, once others were served', async () => {
  const { outlet } = givenOutlet();
  const down = (key: string) => outlet.call(key, () => Promise.reject(new Error('It is down.')));
  for (let round = 0; round < 3; round += 1)
    for (let index = 0; index < MANY; index += 1) {
      if (index % 4 === 0) await outlet.call('adam', () => Promise.resolve()).catch(() => undefined);
      await down(`bad-${index}`).catch(() => undefined);
    }
  for (let index = 0; index < MANY; index += 1) await down(`bad-${index}`).catch(() => undefined);
  expect(outlet.state).toBe('CLOSED');
});
