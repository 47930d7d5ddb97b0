import { describe, expect, test } from 'vitest';
import {
  authorise,
  COMMAND_RIGHTS,
  refusalOf,
  type Command,
} from '../../../src/governance/principals/authority.ts';
import { ForbiddenError } from '../../../src/governance/errors.ts';
import { PRINCIPAL_KINDS, type Principal, type Role } from '../../../src/governance/principals/principal.ts';

function givenPrincipal(given: Partial<Principal> = {}): Principal {
  return { id: 'ada', kind: 'PERSON', roles: [], agents: null, expiresAt: null, ...given };
}

const may = (given: Partial<Principal>, command: Command, agentId: string | null = 'agent-1') =>
  refusalOf(givenPrincipal(given), command, agentId) === null;

const COMMANDS = Object.keys(COMMAND_RIGHTS) as Command[];

describe('the right', () => {
  test.each<[Command, Role, boolean]>([
    ['RECORD_RUNS', 'RECORDER', true],
    ['RECORD_RUNS', 'REVIEWER', false],
    ['REPORT_VIOLATION', 'RECORDER', true],
    ['REPORT_VIOLATION', 'REVIEWER', true],
    ['PROMOTE_AGENT', 'RECORDER', false],
    ['PROMOTE_AGENT', 'REVIEWER', true],
    ['PROMOTE_AGENT', 'ADMIN', true],
  ])('to %s comes with the role %s: %s', (command, role, expected) => {
    expect(may({ roles: [role] }, command)).toBe(expected);
  });

  test.each(COMMANDS)('to %s comes neither with no role nor with those that only look', (command) => {
    expect(may({ roles: [] }, command)).toBe(false);
    expect(may({ roles: ['VIEWER', 'AUDITOR'] }, command)).toBe(false);
  });

  test('to promote is one that only people have, whatever their roles', () => {
    const roles = ['RECORDER', 'REVIEWER', 'ADMIN'] as const;
    const kinds = PRINCIPAL_KINDS.filter((kind) => may({ kind, roles, id: 'agent-1' }, 'PROMOTE_AGENT'));
    expect(kinds).toEqual(['PERSON']);
  });

  test.each(COMMANDS)('to %s is limited to the agents that its patterns cover', (command) => {
    const limited = { roles: ['RECORDER', 'REVIEWER', 'ADMIN'], agents: ['payments-*'] } as const;
    expect(may(limited, command, 'payments-eu')).toBe(true);
    expect(may(limited, command, 'agent-1')).toBe(false);
    expect(may(limited, command, null)).toBe(true);
  });

  test('to record is, for an agent, that of its own runs', () => {
    const agent = { id: 'agent-1', kind: 'AGENT', roles: ['RECORDER'] } as const;
    expect(may(agent, 'RECORD_RUNS', 'agent-1')).toBe(true);
    expect(may(agent, 'RECORD_RUNS', 'agent-2')).toBe(false);
  });
});

describe('a refusal', () => {
  test('is thrown, and names the roles of which one would do', () => {
    expect(() => authorise(givenPrincipal(), 'PROMOTE_AGENT', null)).toThrow(ForbiddenError);
    expect(refusalOf(givenPrincipal(), 'PROMOTE_AGENT', null)).toMatchObject({
      code: 'FORBIDDEN',
      needs: ['REVIEWER', 'ADMIN'],
      message: 'To promote an agent takes the role reviewer or admin.',
    });
  });

  test('says that a principal is no person, or which agent it is limited from, where no role would do', () => {
    const service = givenPrincipal({ kind: 'SERVICE', roles: ['ADMIN'] });
    const limited = givenPrincipal({ roles: ['ADMIN'], agents: ['b-*'] });
    const refusals = [
      refusalOf(service, 'PROMOTE_AGENT', null),
      refusalOf(limited, 'PROMOTE_AGENT', 'agent-1'),
    ];
    expect(refusals.map((refusal) => refusal?.message)).toEqual([
      expect.stringMatching(/Only people/),
      expect.stringMatching(/agent-1/),
    ]);
    expect(refusals.map((refusal) => refusal?.needs)).toEqual([[], []]);
  });
});
