import { DAY } from '../facts.ts';
import { shown } from './imported-problem.ts';
import type { OriginalValue } from './imported-rows.ts';

/** A date, then a time after T or a blank. */
const DATE_TIME = /^([^Tt ]+)(?:[Tt ](.+))?$/;
/** A calendar date, a day of the year or a day of a week, extended (`2026-06-30`, `2026-181`, `2026-W27-2`) or basic. */
const DATE =
  /^(?<year>\d{4})(?:(?<dash>-?)(?<month>\d\d)\k<dash>(?<day>\d\d)|-?(?<dayOfYear>\d{3})|(?<hyphen>-?)[Ww](?<week>\d\d)\k<hyphen>(?<weekday>[1-7]))$/;
/** A time, extended or basic, with a fraction of its last part, then an offset. */
const TIME =
  /^(?<hours>\d\d)(?:(?<colon>:?)(?<minutes>\d\d)(?:\k<colon>(?<seconds>\d\d))?)?(?:[.,](?<fraction>\d+))?(?: ?(?:[Zz]|(?<sign>[+\-\u2212])(?<offset>\d\d(?::?\d\d(?::?\d\d)?)?)))?$/;

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const YEAR_ONE = -62_135_596_800_000;
/** `Date.UTC` takes years below 100 for the 1900s; the calendar, weekdays and all, repeats every 400 years. */
const CALENDAR_CYCLE = { years: 400, milliseconds: 146_097 * DAY };

/**
 * The instant of a time in any ISO 8601 spelling, in UTC milliseconds: without an offset it is UTC, a fraction of any
 * length is rounded. Null if it can't be read, does not exist, or lies after `notAfter`: it can't be trusted then.
 */
export function importedTime(value: OriginalValue, notAfter: number): number | null {
  const match = typeof value === 'string' ? DATE_TIME.exec(value.trim()) : null;
  if (match === null) return null;
  const [, day = '', time = '00'] = match;
  const date = dateOf(DATE.exec(day)?.groups ?? {});
  const sinceMidnight = timeOf(TIME.exec(time)?.groups ?? {});
  if (date === null || sinceMidnight === null) return null;
  const instant = date + sinceMidnight;
  return instant >= YEAR_ONE && instant <= notAfter ? instant : null;
}

/** What is wrong with a time that `importedTime` did not read. */
export function timeProblem(value: OriginalValue, notAfter: number): string {
  const readable = importedTime(value, Number.MAX_SAFE_INTEGER) !== null;
  return readable
    ? `The time ${shown(value)} lies after the import, ${new Date(notAfter).toISOString()}`
    : `The time ${shown(value)} can't be read`;
}

type Parts = Readonly<Partial<Record<string, string>>>;

/** Midnight of a day, in UTC. */
function dateOf({ year, month, day, dayOfYear, week, weekday }: Parts): number | null {
  if (year === undefined) return null;
  const first = firstOf(Number(year));
  const nextFirst = firstOf(Number(year) + 1);
  if (dayOfYear !== undefined) return within(first + (Number(dayOfYear) - 1) * DAY, [first, nextFirst]);
  if (week !== undefined) {
    const monday = mondayOf(first) + (Number(week) - 1) * 7 * DAY;
    const exists = within(monday, [mondayOf(first), mondayOf(nextFirst)]);
    return exists === null ? null : monday + (Number(weekday) - 1) * DAY;
  }
  const months = [Number(month), Number(month) + 1].map((each) => firstOf(Number(year), each));
  return Number(month) < 1 || Number(month) > 12
    ? null
    : within((months[0] ?? 0) + (Number(day) - 1) * DAY, [months[0] ?? 0, months[1] ?? 0]);
}

function within(instant: number, [start, end]: readonly [number, number]): number | null {
  return instant >= start && instant < end ? instant : null;
}

function firstOf(year: number, month = 1): number {
  const { years, milliseconds } = CALENDAR_CYCLE;
  return Date.UTC(year + years, month - 1) - milliseconds;
}

/** The Monday of the first week of a year, which is the one with 4 January. */
function mondayOf(firstOfYear: number): number {
  const fourth = firstOfYear + 3 * DAY;
  const daysSinceMonday = (new Date(fourth).getUTCDay() + 6) % 7;
  return fourth - daysSinceMonday * DAY;
}

/** Milliseconds since midnight in UTC; 24:00 is the end of the day. */
function timeOf({ hours, minutes, seconds, fraction = '', sign, offset = '' }: Parts): number | null {
  if (hours === undefined) return null;
  const whole = clockTime([hours, minutes, seconds], 24);
  const shift = clockTime(offset.match(/\d\d/g) ?? [], 23);
  if (whole === null || shift === null) return null;
  const unit = seconds !== undefined ? SECOND : minutes !== undefined ? MINUTE : HOUR;
  if (whole > DAY || (whole === DAY && /[1-9]/.test(fraction))) return null;
  return whole + rounded(fraction, unit) - (sign === '+' ? shift : -shift);
}

function clockTime(
  [hours, minutes, seconds]: readonly (string | undefined)[],
  mostHours: number,
): number | null {
  const [h, m, s] = [Number(hours ?? 0), Number(minutes ?? 0), Number(seconds ?? 0)];
  return h > mostHours || m > 59 || s > 59 ? null : h * HOUR + m * MINUTE + s * SECOND;
}

/** A decimal fraction of a unit, rounded to the millisecond; digits beyond the thirtieth can't matter. */
function rounded(fraction: string, unit: number): number {
  const digits = fraction.slice(0, 30);
  const scale = 10n ** BigInt(digits.length);
  return Number((BigInt(digits === '' ? 0 : digits) * BigInt(unit) * 2n + scale) / (scale * 2n));
}
