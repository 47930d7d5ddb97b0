const UNITS = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** `3 minutes ago`, `in 29 days` or `just now`, in whole units. */
export function relativeTime(at: string, now: number): string {
  const distance = Date.parse(at) - now;
  const [unit, length] = UNITS.find(([, each]) => Math.abs(distance) >= each) ?? ['second', 1_000];
  const count = Math.trunc(distance / length);
  return count === 0 ? 'just now' : RELATIVE.format(count, unit);
}

/** `2026-06-30 12:00:05 UTC`: to the second. */
export function exactTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

/** `3 minutes ago, 2026-06-30 12:00:05 UTC`; without a present instant the exact time alone. */
export function bothTimes(at: string, now: number | null): string {
  return now === null ? exactTime(at) : `${relativeTime(at, now)}, ${exactTime(at)}`;
}
