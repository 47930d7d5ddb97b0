import { DAY } from './facts.ts';
import { shown } from './imported-problem.ts';
import type { OriginalValue } from './imported-rows.ts';

/**
 * A calendar date, then a time after T or a blank, then an offset; extended (`2026-06-30T12:00`) or basic
 * (`20260630T1200`). Week and ordinal dates, and fractions of hours or minutes, are not read.
 */
const ISO_8601 =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[Tt ](\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d+))?)?)?(?: ?(?:[Zz]|([+\-\u2212])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?))?)?$/;

const YEAR_ONE = -62_135_596_800_000;
/** `Date.UTC` takes years below 100 for the 1900s; the calendar repeats every 400 years. */
const CALENDAR_CYCLE = { years: 400, milliseconds: 146_097 * DAY };

/**
 * The instant of a time in any ISO 8601 spelling, in UTC milliseconds: without an offset it is UTC, a fraction of any
 * length is rounded. Null if it can't be read, does not exist, or lies after `notAfter`: it can't be trusted then.
 */
export function importedTime(value: OriginalValue, notAfter: number): number | null {
  const match = typeof value === 'string' ? ISO_8601.exec(value.trim()) : null;
  if (match === null) return null;
  const [, year = '', , month = '', day = '', hours, , minutes, seconds, fraction, sign, ...offset] = match;
  const date = dateOf(Number(year), Number(month), Number(day));
  const time = timeOf(number(hours), number(minutes), number(seconds), fraction ?? '');
  const shift = offsetOf(sign, ...offset.map(number));
  if (date === null || time === null || shift === null) return null;
  const instant = date + time - shift;
  return instant >= YEAR_ONE && instant <= notAfter ? instant : null;
}

/** What is wrong with a time that `importedTime` did not read. */
export function timeProblem(value: OriginalValue, notAfter: number): string {
  const readable = importedTime(value, Number.MAX_SAFE_INTEGER) !== null;
  return readable
    ? `The time ${shown(value)} lies after the import, ${new Date(notAfter).toISOString()}`
    : `The time ${shown(value)} can't be read`;
}

const number = (digits: string | undefined) => Number(digits ?? 0);

function dateOf(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1) return null;
  const { years, milliseconds } = CALENDAR_CYCLE;
  const daysInMonth = new Date(Date.UTC(year + years, month, 0)).getUTCDate();
  return day > daysInMonth ? null : Date.UTC(year + years, month - 1, day) - milliseconds;
}

/** Milliseconds since midnight; 24:00 is the end of the day. */
function timeOf(hours: number, minutes: number, seconds: number, fraction: string): number | null {
  if (hours > 24 || minutes > 59 || seconds > 59) return null;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0')) + (fraction.charAt(3) >= '5' ? 1 : 0);
  const time = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
  return hours === 24 && (time > DAY || /[1-9]/.test(fraction)) ? null : time;
}

function offsetOf(sign: string | undefined, hours = 0, minutes = 0, seconds = 0): number | null {
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const shift = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return sign === '+' || sign === undefined ? shift : -shift;
}
