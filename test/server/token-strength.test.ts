import fc from 'fast-check';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { newToken } from '../../src/adapters/system/new-token.ts';
import { ENOUGH_BITS, plausibleBits } from '../../src/server/token-strength.ts';

const MADE: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'tierkeeper token new': newToken,
  'openssl rand -hex 16': (bytes) => bytes.subarray(0, 16).toString('hex'),
  'openssl rand -hex 32': (bytes) => bytes.toString('hex'),
  'openssl rand -base64 24': (bytes) => bytes.subarray(0, 24).toString('base64'),
  'openssl rand -base64 32': (bytes) => bytes.toString('base64'),
  uuidgen: () => randomUUID(),
};

const TYPED = [
  ...['t-viewer', 'changeme', 'changeme-changeme-changeme-changeme', 'password123', 'secret'],
  ...['a'.repeat(200), 'ab'.repeat(64), 'deadbeef'.repeat(8), '0'.repeat(32), 'password123'.repeat(20)],
  ...['0123456789abcdef0123456789abcdef', 'abcdefghijklmnopqrstuvwxyz0123456789', '1234567890'.repeat(4)],
  ...['correct-horse-battery-staple', 'this-is-the-production-token-of-dana', 'TierkeeperReviewerToken2026!'],
  ...['12345678901234567890123456789', 'x', 'hunter2hunter2hunter2hunter2'],
];

describe('the strength of a token', () => {
  test.each(Object.entries(MADE))('is enough for whatever %s makes', (_, make) => {
    for (let count = 0; count < 2_000; count += 1) {
      const token = make(randomBytes(32));
      expect({ token, enough: plausibleBits(token) >= ENOUGH_BITS }).toEqual({ token, enough: true });
    }
  });

  test.each(TYPED)('is not enough for %s', (token) => {
    expect(plausibleBits(token)).toBeLessThan(ENOUGH_BITS);
  });

  it('is never enough for what is too short, or repeats a little, whatever it is', () => {
    const character = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(
        fc.string({ unit: character, maxLength: 12 }),
        fc.integer({ min: 1, max: 30 }),
        (text, count) => {
          expect(plausibleBits(text.repeat(count))).toBeLessThan(ENOUGH_BITS);
        },
      ),
    );
  });
});
