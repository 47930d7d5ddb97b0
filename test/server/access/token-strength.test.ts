import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { newToken } from '../../../src/adapters/system/new-token.ts';
import { ENOUGH_BITS, plausibleBits } from '../../../src/server/access/token-strength.ts';

const MADE: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'tierkeeper token new': newToken,
  'openssl rand -hex 16': (bytes) => bytes.subarray(0, 16).toString('hex'),
  'openssl rand -hex 32': (bytes) => bytes.toString('hex'),
  'openssl rand -base64 24': (bytes) => bytes.subarray(0, 24).toString('base64'),
  'openssl rand -base64 32': (bytes) => bytes.toString('base64'),
  '16 random bytes in base64url': (bytes) => bytes.subarray(0, 16).toString('base64url'),
  uuidgen: (bytes) => {
    const hex = bytes.toString('hex');
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(12, 15)}`,
      `8${hex.slice(15, 18)}`,
      hex.slice(18, 30),
    ].join('-');
  },
};

/** Bytes that look random and are the same in each run: one generated token in some ten thousand looks weak. */
function bytesOf(count: number): Buffer {
  return createHash('sha256').update(String(count)).digest();
}

const digestOf = (algorithm: string, word: string) => createHash(algorithm).update(word).digest('hex');

const TYPED = [
  't-viewer',
  'changeme',
  'changeme-changeme-changeme-changeme',
  'password123',
  'secret',
  'a'.repeat(200),
  'ab'.repeat(64),
  'deadbeef'.repeat(8),
  '0'.repeat(32),
  'password123'.repeat(20),
  '0123456789abcdef0123456789abcdef',
  'abcdefghijklmnopqrstuvwxyz0123456789',
  '1234567890'.repeat(4),
  'correct-horse-battery-staple',
  'this-is-the-production-token-of-dana',
  'TierkeeperReviewerToken2026!',
  '12345678901234567890123456789',
  'x',
  'hunter2hunter2hunter2hunter2',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'zaq1xsw2cde3vfr4bgt5nhy6mju7',
  'P@ssw0rd!P@55w0rd?Passw0rd',
  'T13rk33p3r-R3v13w3r-T0k3n-2026',
  'Summer2026!Summer2025!Summer2024!',
  '31415926535897932384626433832795028841971693',
  '123e4567-e89b-12d3-a456-426614174000',
  digestOf('md5', 'password'),
  digestOf('sha1', 'admin'),
  digestOf('sha256', 'secret'),
];

describe('the strength of a token', () => {
  test.each(Object.entries(MADE))('is enough for whatever %s makes', (_, make) => {
    for (let count = 0; count < 2_000; count += 1) {
      const token = make(bytesOf(count));
      expect({ token, enough: plausibleBits(token) >= ENOUGH_BITS }).toEqual({ token, enough: true });
    }
  });

  test.each(TYPED)('is not enough for %s', (token) => {
    expect(plausibleBits(token)).toBeLessThan(ENOUGH_BITS);
  });

  it('counts nothing of what belongs to its principal', () => {
    const token = 'danielle-x7Kq9-danielle-Zr4tV-danielle';
    expect(plausibleBits(token)).toBeGreaterThan(plausibleBits(token, ['danielle']));
    expect(plausibleBits('katharina.lindqvist_83.katharina', ['katharina.lindqvist'])).toBeLessThan(40);
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
