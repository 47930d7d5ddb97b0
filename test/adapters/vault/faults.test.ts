import { describe, expect, it } from 'vitest';
import type { VaultErrorKind } from '../../../src/app/ports/vault-error.ts';
import { FAULTS, type Fault } from '../../support/fake-vault/faults.ts';
import type { GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenAdapter, givenAgentRole, vaultErrorOf } from './given-adapter.ts';

const KINDS: Readonly<Record<Fault, VaultErrorKind>> = {
  SEALED: 'SEALED',
  STANDBY_429: 'STANDBY',
  STANDBY_472: 'STANDBY',
  STANDBY_473: 'STANDBY',
  REDIRECT: 'REDIRECTED',
  HTML: 'NOT_VAULT',
  SLOW: 'TIMED_OUT',
  RESET_BEFORE: 'UNREACHABLE',
  RESET_AFTER: 'UNREACHABLE',
  ERROR_500: 'REFUSED',
  DENIED_403: 'DENIED',
  BEHIND_412: 'STANDBY',
  REFUSED: 'UNREACHABLE',
};

type Adapter = Awaited<ReturnType<typeof givenAdapter>>['adapter'];

/** Every request of every call of the port, by what it asks for; each is failed on its own. */
const REQUESTS: readonly (readonly [
  call: string,
  request: string,
  run: (adapter: Adapter) => Promise<unknown>,
])[] = [
  ['entity', 'read identity/entity/name/agent-eve', (adapter) => adapter.entity('eve')],
  ['agents', 'list identity/entity/name/', (adapter) => adapter.agents()],
  ...(['read', 'update'] as const).flatMap((operation) => [
    [
      'grant',
      `${operation} identity/entity/name/agent-eve`,
      (adapter: Adapter) => adapter.grant('eve', T4),
    ] as const,
    [
      'lower',
      `${operation} identity/entity/name/agent-eve`,
      (adapter: Adapter) => adapter.lower('eve', T1),
    ] as const,
    [
      'enable',
      `${operation} identity/entity/name/agent-eve`,
      (adapter: Adapter) => adapter.enable('eve', 'T2'),
    ] as const,
    [
      'grant',
      `${operation} auth/tierkeeper/role/agent-eve/token-max-ttl`,
      (adapter: Adapter) => adapter.grant('eve', T4),
    ] as const,
  ]),
  [
    'destroySecretIds',
    'list auth/tierkeeper/role/agent-eve/secret-id/',
    (adapter) => adapter.destroySecretIds('eve'),
  ],
];
const T4 = { tier: 'T4', position: 9 } as const;
const T1 = { tier: 'T1', position: 8 } as const;

function failing(vault: GivenVault, request: string, fault: Fault): void {
  vault.meets(({ operation, path }) => (`${operation} ${path}` === request ? fault : null));
}

/** Only what is never answered has to be waited for. */
const patience = (fault: Fault) => ({ timeout: fault === 'SLOW' ? 400 : 5_000 });

async function givenEve(fault: Fault) {
  const world = await givenAdapter(patience(fault));
  await givenAgentRole(world.vault, 'eve', 2);
  await world.adapter.lower('eve', { tier: 'T2', position: 7 });
  return world;
}

describe.each(FAULTS)('%s', (fault) => {
  it('of any request of any call is told by its kind, as one to try again, and passes', async () => {
    const { vault, adapter, auth } = await givenEve(fault);
    for (const [call, request, run] of REQUESTS) {
      failing(vault, request, fault);
      const { kind, retryable, message } = await vaultErrorOf(run(adapter));
      expect({ call, request, kind, retryable }).toEqual({
        call,
        request,
        kind: KINDS[fault],
        retryable: true,
      });
      for (const secret of [auth.roleId, auth.secretId, ...vault.state().tokens.keys()])
        expect(message).not.toContain(secret);
      vault.heals();
      await run(adapter);
      await adapter.lower('eve', { tier: 'T2', position: 7 });
      await givenAgentRole(vault, 'eve', 1);
      const role = vault.state().mounts.get('tierkeeper')?.roles.get('agent-eve');
      if (role !== undefined) role.settings = { ...role.settings, token_max_ttl: 3600 };
    }
  });

  it('of logging in is told by its kind, and passes', async () => {
    const { vault, adapter } = await givenAdapter(patience(fault));
    failing(vault, 'update auth/tierkeeper/login', fault);
    expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: KINDS[fault], retryable: true });
    vault.heals();
    expect(await adapter.agents()).toEqual([]);
  });
});

it('a Vault that nobody can connect to is unreachable, and is asked again where it was', async () => {
  const { vault, adapter } = await givenAdapter();
  await adapter.grant('eve', T1);
  await vault.stop();
  expect(await vaultErrorOf(adapter.entity('eve'))).toMatchObject({ kind: 'UNREACHABLE' });
  await vault.start();
  expect(await adapter.entity('eve')).toMatchObject({ tier: 'T1' });
});

it('a limit of the rate is no standby', async () => {
  const { vault, adapter } = await givenAdapter();
  vault.answersWith(429, '{"errors":["request path \\"x\\": rate limit quota exceeded"]}');
  expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: 'RATE_LIMITED', retryable: true });
});
