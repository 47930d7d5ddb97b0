import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importedTime, timeProblem } from '../../../src/governance/import/imported-time.ts';

const LATE = Date.UTC(9999, 11, 31);
const read = (value: string) => importedTime(value, LATE);
const iso = (value: string) => {
  const instant = read(value);
  return instant === null ? null : new Date(instant).toISOString();
};

describe('a time of an original ledger', () => {
  it.each([
    ['2026-06-30T12:00:00Z', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30t12:00:00z', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30 12:00:00', '2026-06-30T12:00:00.000Z'],
    ['  2026-06-30 12:00:00\n', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30 12:00', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30T12', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30', '2026-06-30T00:00:00.000Z'],
    ['20260630', '2026-06-30T00:00:00.000Z'],
    ['20260630T120001Z', '2026-06-30T12:00:01.000Z'],
    ['20260630T1200+0530', '2026-06-30T06:30:00.000Z'],
    ['2026-06-30T12:00:00+05:30', '2026-06-30T06:30:00.000Z'],
    ['2026-06-30T12:00:00+0530', '2026-06-30T06:30:00.000Z'],
    ['2026-06-30T12:00:00+05', '2026-06-30T07:00:00.000Z'],
    ['2026-06-30 12:00:00 -07:00', '2026-06-30T19:00:00.000Z'],
    ['2026-06-30T12:00:00\u221207:00', '2026-06-30T19:00:00.000Z'],
    ['2026-06-30T12:00:00-00:00', '2026-06-30T12:00:00.000Z'],
    ['2026-06-30T12:00:00+00:53:28', '2026-06-30T11:06:32.000Z'],
    ['2026-06-30T12:00:00.5Z', '2026-06-30T12:00:00.500Z'],
    ['2026-06-30T12:00:00,123456Z', '2026-06-30T12:00:00.123Z'],
    ['2026-06-30T12:00:00.123499999999Z', '2026-06-30T12:00:00.123Z'],
    ['2026-06-30T12:00:00.1235Z', '2026-06-30T12:00:00.124Z'],
    ['2026-12-31T23:59:59.9996Z', '2027-01-01T00:00:00.000Z'],
    ['2026-06-30T24:00:00Z', '2026-07-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['0050-03-01', '0050-03-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z'],
    ['1969-12-31T23:59:59.9994Z', '1969-12-31T23:59:59.999Z'],
    ['2026-181', '2026-06-30T00:00:00.000Z'],
    ['2026181T12Z', '2026-06-30T12:00:00.000Z'],
    ['2024-366', '2024-12-31T00:00:00.000Z'],
    ['2026-W27-2', '2026-06-30T00:00:00.000Z'],
    ['2026W272T120001', '2026-06-30T12:00:01.000Z'],
    ['2026-W01-1', '2025-12-29T00:00:00.000Z'],
    ['2026-W53-7', '2027-01-03T00:00:00.000Z'],
    ['2026-06-30T12.5Z', '2026-06-30T12:30:00.000Z'],
    ['2026-06-30T12:00,25+02:00', '2026-06-30T10:00:15.000Z'],
    ['20260630T1200.5', '2026-06-30T12:00:30.000Z'],
  ])('%j is read as %s', (value, expected) => {
    expect(iso(value)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'yesterday',
    'now',
    'NULL',
    '1782820800',
    '2026',
    '2026-06',
    '202606',
    '2026-6-30',
    '26-06-30',
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-06-30T',
    '2026-06-30T1',
    '2026-06-30T25:00',
    '2026-06-30T12:60',
    '2026-06-30T12:00:60',
    '2026-06-30T24:00:01',
    '2026-06-30T24:00:00.0001',
    '2026-06-30T12:00+24:00',
    '2026-06-30T12:00+05:60',
    '2026-06-30T12:0000',
    '2026-0630',
    '202606-30',
    '2026-06-30Z',
    '2026-06-30T12:00:00.',
    '2026-06-30T12:00:00 UTC',
    '2026-000',
    '2026-366',
    '2024-367',
    '2025-W53-1',
    '2026-W00-1',
    '2026-W27-8',
    '2026-W27',
    '2026-W272',
    '2026-06-30T24.1',
    '2026-06-30.5',
    '+002026-06-30',
    '-2026-06-30',
    '0000-01-01',
    '0001-01-01T00:00+00:01',
    '2026-06-30T12:00:00Z;',
    '2026-06-30\0',
    '٢٠٢٦-٠٦-٣٠',
  ])('%j counts as unreadable', (value) => {
    expect(read(value)).toBeNull();
  });

  it.each([null, 1_782_820_800, 2026.5, new Uint8Array([50, 48])])(
    '%j, which is no text, counts as unreadable',
    (value) => {
      expect(importedTime(value, LATE)).toBeNull();
    },
  );

  it('is the same instant in every spelling', () => {
    const offset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    const day = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    const choices = fc.record({
      blank: fc.constantFrom('T', 't', ' '),
      colon: fc.boolean(),
      basic: fc.boolean(),
    });
    fc.assert(
      fc.property(day, offset, choices, fc.stringMatching(/^\d{0,9}$/), (date, minutes, choice, more) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString();
        const zone = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        const written = `${local.slice(0, 10)}${choice.blank}${local.slice(11, 23)}`;
        const spelled = choice.basic ? written.replaceAll(/[-:]/g, '') : written;
        const suffix = `${minutes < 0 ? '-' : '+'}${zone.join(choice.colon ? ':' : '')}`;
        const rounding = more.charAt(0) >= '5' ? 1 : 0;
        expect(read(spelled + more + suffix)).toBe(date.getTime() + rounding);
      }),
    );
  });

  it('is never misread: whatever is read is written that way', () => {
    const digits = fc.stringMatching(/^\d{4}-\d\d-\d\d$/);
    fc.assert(
      fc.property(digits, (date) => {
        const instant = read(date);
        if (instant !== null) expect(new Date(instant).toISOString().slice(0, 10)).toBe(date);
      }),
    );
  });

  it('never throws', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.stringMatching(/^[\d:T .,Z+-]{0,40}$/),
      fc.double(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(value, (each) => {
        const instant = importedTime(each, LATE);
        expect(instant === null || Number.isSafeInteger(instant)).toBe(true);
        expect(timeProblem(each, LATE)).toMatch(/^The time /);
      }),
    );
  });

  it('counts as unreadable after the import, and the message says so', () => {
    const notAfter = Date.UTC(2026, 5, 30, 12);
    expect(importedTime('2026-06-30T12:00:00Z', notAfter)).toBe(notAfter);
    expect(importedTime('2026-06-30T12:00:00.001Z', notAfter)).toBeNull();
    expect(timeProblem('2026-06-30T12:00:00.001Z', notAfter)).toContain(
      'lies after the import, 2026-06-30T12:00:00.000Z',
    );
    expect(timeProblem('soon', notAfter)).toContain(`"soon" can't be read`);
  });
});
