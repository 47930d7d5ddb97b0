import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AGENT_PATTERN,
  sees,
  sightOf,
  type Principal,
} from '../../../src/governance/principals/principal.ts';

function givenPrincipal(given: Partial<Principal> = {}): Principal {
  return { id: 'ada', kind: 'PERSON', roles: ['VIEWER'], agents: null, expiresAt: null, ...given };
}

describe('a pattern of agents', () => {
  test.each(['agent-1', '*', 'payments-*', 'a*', 'a.b_c-*', 'a'.repeat(63), `${'a'.repeat(62)}*`])(
    'may be %s',
    (each) => {
      expect(AGENT_PATTERN.test(each)).toBe(true);
    },
  );

  test.each([
    '',
    '**',
    'a*b',
    '*a',
    'a**',
    '-*',
    '.*',
    'A*',
    'a?',
    'a/*',
    ' *',
    '*\n',
    'a'.repeat(64),
    `${'a'.repeat(63)}*`,
  ])('may not be %j', (each) => {
    expect(AGENT_PATTERN.test(each)).toBe(false);
  });

  test('without a star covers that agent alone', () => {
    expect(sees(['agent-1'], 'agent-1')).toBe(true);
    expect(sees(['agent-1'], 'agent-10')).toBe(false);
    expect(sees(['agent-10'], 'agent-1')).toBe(false);
  });

  test('with a star covers what begins like it, the beginning itself too', () => {
    expect(sees(['payments-*'], 'payments-eu')).toBe(true);
    expect(sees(['payments-*'], 'payments-')).toBe(true);
    expect(sees(['payments-*'], 'payments')).toBe(false);
    expect(sees(['payments-*'], 'xpayments-eu')).toBe(false);
    expect(sees(['*'], 'anything')).toBe(true);
  });

  test('has no other wild characters: a dot is a dot', () => {
    expect(sees(['a.b*'], 'axb1')).toBe(false);
  });
});

describe('the sight of a principal', () => {
  test.each(['PERSON', 'SERVICE', 'SYSTEM'] as const)(
    'of kind %s is what its patterns cover, and no patterns are no limit',
    (kind) => {
      expect(sightOf(givenPrincipal({ kind }))).toBeNull();
      expect(sees(sightOf(givenPrincipal({ kind })), 'agent-1')).toBe(true);
      expect(sees(sightOf(givenPrincipal({ kind, agents: ['a-*', 'b'] })), 'b')).toBe(true);
      expect(sees(sightOf(givenPrincipal({ kind, agents: ['a-*', 'b'] })), 'c')).toBe(false);
      expect(sees(sightOf(givenPrincipal({ kind, agents: [] })), 'a-1')).toBe(false);
    },
  );

  test.each([null, ['agent-1'], ['agent-*'], ['*', 'other']])(
    'of an agent limited to %j is itself alone',
    (agents) => {
      const sight = sightOf(givenPrincipal({ kind: 'AGENT', id: 'agent-1', agents }));
      expect(sight).toEqual(['agent-1']);
      expect(sees(sight, 'agent-2')).toBe(false);
    },
  );

  test('of an agent that is limited to others is nothing', () => {
    expect(sightOf(givenPrincipal({ kind: 'AGENT', id: 'agent-1', agents: ['other-*'] }))).toEqual([]);
  });

  test.each(['*', 'payments-*', 'a', ''])(
    'of an agent never reaches further than its own id, though that is "%s"',
    (id) => {
      const names = fc.constantFrom('a', 'payments-eu', 'payments-', 'b');
      fc.assert(
        fc.property(names, fc.constantFrom(null, ['*']), (name, agents) => {
          expect(sees(sightOf(givenPrincipal({ kind: 'AGENT', id, agents })), name)).toBe(name === id);
        }),
      );
    },
  );
});
