import { badInput } from './bad-input.ts';
import { builder } from './builder.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** The instants that RFC 3339 can write in UTC: the years 0000 to 9999. */
const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];
/** How much of a wrong value an error repeats. */
const SHOWN = 100;

/** UTC milliseconds of an RFC 3339 time with an offset; finer fractions are rounded. */
export function readDateTime(value: unknown): number {
  if (typeof value !== 'string' || !RFC3339.test(value))
    throw badInput(`DateTime is RFC 3339 with an offset, such as 2026-06-30T12:00:00Z, not ${shown(value)}.`);
  const [, whole = '', fraction = '', offset = ''] = /^(.{19})(\.\d+)?(.+)$/.exec(value) ?? [];
  const seconds = Date.parse(`${whole.toUpperCase()}${offset.toUpperCase()}`);
  const day = Number(value.slice(8, 10));
  const lastDay = new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate();
  if (Number.isNaN(seconds) || day > lastDay) throw badInput(`There is no such time as ${shown(value)}.`);
  const instant = seconds + Math.round(Number(`0${fraction}`) * 1_000);
  if (instant < FIRST || instant > LAST)
    throw badInput(`In UTC, ${shown(value)} lies outside the years 0000 to 9999.`);
  return instant;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

builder.scalarType('DateTime', {
  description: 'An instant: RFC 3339 with an offset on the way in, UTC with milliseconds on the way out.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => new Date(Number(value)).toISOString(),
  parseValue: readDateTime,
});

builder.scalarType('SafeInt', {
  description: 'A whole number of up to 53 bits.',
  serialize: (value) => Number(value),
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw badInput('SafeInt is a whole number of up to 53 bits.');
  },
});
