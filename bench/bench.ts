import { median, type Timed } from './alternate.ts';

/** Something to measure. */
export interface Bench {
  /** What is measured against what. */
  readonly about: string;
  /** Measures it at a share of its stated size, 1 for all of it, with data in an empty folder. */
  readonly run: (folder: string, scale: number) => Promise<Finding>;
}

/** What a bench found. */
export interface Finding {
  /** At which size. */
  readonly size: string;
  readonly lines: readonly string[];
  /** What both sides answered. */
  readonly answer: string;
}

/** The sides gave different answers: nothing was measured. */
export class DifferentAnswersError extends Error {
  override readonly name = 'DifferentAnswersError';
}

/**
 * Makes sure of equal answers.
 * @throws DifferentAnswersError
 */
export function sameAnswer(what: string, one: unknown, other: unknown): void {
  const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
  if (first !== second)
    throw new DifferentAnswersError(`${what}: ${first.slice(0, 500)} is not ${second.slice(0, 500)}`);
}

/** A size at a scale, at least `least`. */
export function sized(full: number, scale: number, least = 1): number {
  return Math.max(least, Math.round(full * scale));
}

/** The lines of two sides and how many times faster the first one is than the second. */
export function fasterThan([one, other]: readonly [Timed, Timed], bar: number): readonly string[] {
  const ratio = other.median / one.median;
  return [...medians(one, other), verdict(`${ratio.toFixed(1)}x faster`, `at least ${bar}x`, ratio >= bar)];
}

/** The lines of two sides and how many times as long the first one takes as the second. */
export function takesAtMost([one, other]: readonly [Timed, Timed], bar: number): readonly string[] {
  const ratio = one.median / other.median;
  return [...medians(one, other), verdict(`${ratio.toFixed(2)}x as long`, `at most ${bar}x`, ratio <= bar)];
}

/** The line of a rate. */
export function perSecond(what: string, rate: number, bar: number): string {
  return verdict(`${what}  ${Math.round(rate)} a second`, `at least ${bar}`, rate >= bar);
}

/** The lines of how long after their instants events arrived, in milliseconds. */
export function arrivesWithin(delays: readonly number[], bar: number): readonly string[] {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  const most = at(1);
  return [
    `min ${sorted[0] ?? NaN} ms, median ${median(delays)} ms, 99 of 100 within ${at(0.99)} ms`,
    verdict(`max ${most} ms`, `at most ${bar} ms`, most <= bar),
  ];
}

/** The same, where one of a hundred may take longer. */
export function arrivesWithin99(delays: readonly number[], bar: number): readonly string[] {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  return [
    `min ${sorted[0] ?? NaN} ms, median ${median(delays)} ms, max ${at(1)} ms`,
    verdict(`99 of 100 within ${at(0.99)} ms`, `at most ${bar} ms`, at(0.99) <= bar),
  ];
}

/** The line of a ratio that should be large. */
export function atLeast(what: string, ratio: number, bar: number): string {
  return verdict(`${what}  ${ratio.toFixed(1)}x`, `at least ${bar}x`, ratio >= bar);
}

/** The line of a ratio that should be small. */
export function atMost(what: string, ratio: number, bar: number): string {
  return verdict(`${what}  ${ratio.toFixed(2)}x`, `at most ${bar}x`, ratio <= bar);
}

function medians(...sides: readonly Timed[]): readonly string[] {
  const width = Math.max(...sides.map(({ name }) => name.length));
  return sides.map(({ name, median }) => `${name.padEnd(width)}  ${median.toFixed(3)} ms, median`);
}

function verdict(found: string, bar: string, meets: boolean): string {
  return `${found} (bar: ${bar}; ${meets ? 'met' : 'missed'})`;
}
