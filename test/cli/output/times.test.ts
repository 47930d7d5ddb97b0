import { expect, it } from 'vitest';
import { bothTimes, exactTime, relativeTime } from '../../../src/cli/output/times.ts';

const AT = '2026-06-30T12:00:05.678Z';
const NOW = Date.parse(AT);

it.each([
  [0, 'just now'],
  [999, 'just now'],
  [1_000, '1 second ago'],
  [59_999, '59 seconds ago'],
  [60_000, '1 minute ago'],
  [-7_200_000, 'in 2 hours'],
  [40 * 86_400_000, '1 month ago'],
  [-366 * 86_400_000, 'in 1 year'],
])('a time %d ms before the present is %s', (distance, text) => {
  expect(relativeTime(AT, NOW + distance)).toBe(text);
});

it('a time is exact to the second, and alone where the present is not known', () => {
  expect(exactTime(AT)).toBe('2026-06-30 12:00:05 UTC');
  expect(bothTimes(AT, NOW)).toBe('just now, 2026-06-30 12:00:05 UTC');
  expect(bothTimes(AT, null)).toBe('2026-06-30 12:00:05 UTC');
});
