import { expect, it } from 'vitest';
import { RepeatedLines } from '../../src/server/repeated-lines.ts';

it('a line that tells the same again and again is let through once a minute, with how many were kept back', () => {
  const clock = { instant: 0, now: () => clock.instant };
  const lines = new RepeatedLines(clock);
  expect([lines.since('full'), lines.since('busy')]).toEqual([0, 0]);
  for (let count = 0; count < 500; count += 1) expect(lines.since('full')).toBeNull();
  clock.instant = 59_999;
  expect(lines.since('full')).toBeNull();
  clock.instant = 60_000;
  expect([lines.since('full'), lines.since('busy')]).toEqual([501, 0]);
  expect(lines.since('full')).toBeNull();
});

it('kinds of lines are forgotten where there are too many, the oldest first', () => {
  const lines = new RepeatedLines({ now: () => 0 });
  for (let kind = 0; kind <= 100; kind += 1) expect(lines.since(String(kind))).toBe(0);
  expect([lines.since('100'), lines.since('0')]).toEqual([null, 0]);
});
