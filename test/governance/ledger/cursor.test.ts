import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GENESIS } from '../../../src/governance/ledger/chain.ts';
import { readCursor, writeCursor } from '../../../src/governance/ledger/cursor.ts';

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('a cursor', () => {
  test('is read as it was written: the position and the first 8 digits of its hash', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), hash, (seq, digest) => {
        expect(readCursor(writeCursor({ seq, hash: digest }))).toEqual({ seq, hash: digest.slice(0, 8) });
      }),
    );
  });

  test('before the first entry is a cursor too', () => {
    expect(readCursor(writeCursor({ seq: 0, hash: GENESIS }))).toEqual({ seq: 0, hash: '00000000' });
  });

  test('needs no escaping in a URL or a header', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), hash, (seq, digest) => {
        expect(writeCursor({ seq, hash: digest })).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['no base64', 'not a cursor!'],
    ['plain text', '12.0123abcd'],
    ['no hash', encoded('12')],
    ['an empty hash', encoded('12.')],
    ['a short hash', encoded('12.0123abc')],
    ['a long hash', encoded('12.0123abcde')],
    ['capital digits', encoded('12.0123ABCD')],
    ['no seq', encoded('.0123abcd')],
    ['a negative seq', encoded('-1.0123abcd')],
    ['a seq with a leading zero', encoded('012.0123abcd')],
    ['a seq with a fraction', encoded('1.5.0123abcd')],
    ['a seq in exponents', encoded('1e3.0123abcd')],
    ['a seq beyond what is exact', encoded(`${2 ** 53}.0123abcd`)],
    ['a seq beyond everything', encoded(`${'9'.repeat(400)}.0123abcd`)],
    ['a blank', encoded(' 12.0123abcd')],
    ['a line break at the end', encoded('12.0123abcd\n')],
    ['more after it', `${encoded('12.0123abcd')}AAAA`],
    ['a line break outside', `${encoded('12.0123abcd')}\n`],
    ['padding', `${encoded('12.0123abcd')}=`],
    ['other base64', Buffer.from('9.0123abcd').toString('base64')],
  ])('is null for a text with %s', (_, text) => {
    expect(readCursor(text)).toBeNull();
  });

  test('has one spelling: any text is null or what its cursor is written as', () => {
    const near = fc
      .tuple(fc.maxSafeNat(), hash, fc.nat(), fc.string({ maxLength: 2 }))
      .map(([seq, digest, at, other]) => {
        const text = writeCursor({ seq, hash: digest });
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + other + text.slice(cut + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), near), (text) => {
        const cursor = readCursor(text);
        if (cursor !== null) expect(writeCursor(cursor)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
