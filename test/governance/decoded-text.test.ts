import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedText } from '../../src/governance/decoded-text.ts';

const utf16 = (text: string, order: 'LE' | 'BE') => {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'LE' ? bytes : bytes.swap16();
};

describe('the bytes of a text file', () => {
  test('are their text, whether or not an editor put a byte order mark before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (drawn) => {
        const text = `{${drawn}`;
        expect(decodedText(Buffer.from(text))).toBe(text);
        expect(decodedText(Buffer.from(`\ufeff${text}`))).toBe(text);
      }),
    );
  });

  test.each(['LE', 'BE'] as const)('in UTF-16 %s are named, with a byte order mark and without', (order) => {
    for (const text of ['\ufeff[]', '[]', '\ufeffä: 1', 'name: strict'])
      expect(() => decodedText(utf16(text, order))).toThrow('is UTF-16; save it as UTF-8');
  });

  test('in UTF-32 are named', () => {
    expect(() => decodedText(Uint8Array.of(0xff, 0xfe, 0, 0, 0x5b, 0, 0, 0))).toThrow('is UTF-32');
  });

  test('that are no UTF-8 are refused with the line of the first of them', () => {
    expect(() => decodedText(Buffer.from('a\nb\nc\xe4\nd', 'latin1'))).toThrow(
      /is not UTF-8 text: see line 3$/,
    );
    expect(() => decodedText(Buffer.from('\xe4', 'latin1'))).toThrow(/see line 1$/);
    expect(() => decodedText(Uint8Array.of(0x61, 0x0a, 0xed, 0xa0, 0x80))).toThrow(/see line 2$/);
  });

  test('of nothing are an empty text', () => {
    expect(decodedText(new Uint8Array())).toBe('');
  });
});
