import fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAgentId } from '../../src/governance/agent-id.ts';

describe('an agent id', () => {
  test.each([
    'a',
    '0',
    'agent-0001',
    'payments.eu_2',
    'a.',
    'a-',
    'a_',
    'a.b.c',
    'constructor',
    'a'.repeat(63),
  ])('may be %s', (id) => expect(isAgentId(id)).toBe(true));

  test.each([
    '',
    'a'.repeat(64),
    'Agent',
    'é',
    '-a',
    '.a',
    '_a',
    '__proto__',
    '..',
    'a..b',
    'a...',
    'a/b',
    '../../sys/policies',
    'a b',
    'a\n',
    '\na',
    'a\0',
    'a%2e%2e',
    'a*',
    'a:b',
    'ａ',
  ])('may not be %j', (id) => expect(isAgentId(id)).toBe(false));

  test('never changes a path or a URL that it stands in', () => {
    const near = fc.stringMatching(/^[a-z0-9._/%\\~ -]{1,12}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/)), (id) => {
        fc.pre(isAgentId(id));
        expect(posix.normalize(`identity/${id}/x`)).toBe(`identity/${id}/x`);
        expect(encodeURIComponent(id)).toBe(id);
        expect(new URL(`http://vault/v1/${id}/x`).pathname).toBe(`/v1/${id}/x`);
      }),
    );
  });
});
