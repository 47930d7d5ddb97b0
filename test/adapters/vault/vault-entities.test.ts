import { describe, expect, it } from 'vitest';
import { ask, givenAdapter, givenAgentRole, vaultErrorOf } from './given-adapter.ts';

const T2 = { tier: 'T2', position: 7 } as const;

const writes = (
  seen: readonly { readonly operation: string; readonly path: string; readonly data: unknown }[],
) => seen.filter(({ operation, path }) => operation === 'update' && path.startsWith('identity/'));

describe('with no more than its least rights, the adapter', () => {
  it('makes an entity with one tier policy and the position, in one write, and reads it back', async () => {
    const { vault, adapter } = await givenAdapter();
    expect(await adapter.entity('eve')).toBeNull();
    await adapter.grant('eve', T2);
    expect(await adapter.entity('eve')).toEqual({
      agentId: 'eve',
      tier: 'T2',
      policies: ['tierkeeper-tier-2'],
      disabled: false,
      position: 7,
      hasLogin: false,
      misplaced: null,
    });
    const metadata = { tierkeeper_agent: 'eve', tierkeeper_position: '7' };
    expect(writes(vault.seen)).toMatchObject([{ data: { policies: 'tierkeeper-tier-2', metadata } }]);
    expect(vault.state().entities.get('agent-eve')?.metadata).toEqual(metadata);
  });

  it('finds an entity whose name somebody wrote in another case, as Vault does', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.grant('eve', T2);
    const { entities } = vault.state();
    const eve = entities.get('agent-eve');
    if (eve !== undefined) entities.set('agent-eve', { ...eve, name: 'Agent-Eve' });
    expect(await adapter.entity('eve')).toMatchObject({ agentId: 'eve', tier: 'T2' });
    vault.answersWith(200, JSON.stringify({ data: { keys: ['Agent-Eve', 'agent-eve', 'agent-adam'] } }));
    expect(await adapter.agents()).toEqual(['eve', 'adam']);
  });

  it('never lifts the disabling by a grant that comes late', async () => {
    const { adapter } = await givenAdapter();
    await adapter.grant('eve', T2);
    await adapter.lower('eve', { tier: 'T0', position: 8 });
    await adapter.grant('eve', { tier: 'T3', position: 6 });
    expect(await adapter.entity('eve')).toMatchObject({ tier: 'T3', disabled: true });
  });

  it('disables and lowers in one write', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.grant('eve', T2);
    await adapter.lower('eve', { tier: 'T1', position: 9 });
    expect(await adapter.entity('eve')).toMatchObject({ tier: 'T1', disabled: true, position: 9 });
    const [, lowering, more] = writes(vault.seen);
    expect([lowering?.data, more]).toEqual([
      { disabled: true, policies: 'tierkeeper-tier-1', metadata: expect.anything() as unknown },
      undefined,
    ]);
  });

  it('enables an entity and nothing else, and takes none for it that has another tier, or none', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.lower('eve', T2);
    await adapter.enable('eve', 'T2');
    expect(await adapter.entity('eve')).toMatchObject({ tier: 'T2', disabled: false, position: 7 });
    expect(writes(vault.seen).at(-1)?.data).toEqual({ disabled: false });
    for (const enabling of [adapter.enable('eve', 'T1'), adapter.enable('adam', 'T0')])
      expect(await vaultErrorOf(enabling)).toMatchObject({ kind: 'REFUSED', retryable: true });
    expect(await adapter.entity('adam')).toMatchObject({ policies: [] });
  });

  it('destroys every secret id of an agent, and of no other', async () => {
    const { vault, adapter } = await givenAdapter();
    await givenAgentRole(vault, 'eve', 11);
    await givenAgentRole(vault, 'adam', 1);
    expect([await adapter.destroySecretIds('eve'), await adapter.destroySecretIds('eve')]).toEqual([11, 0]);
    const roles = vault.state().mounts.get('tierkeeper')?.roles;
    expect([roles?.get('agent-eve')?.secretIds.size, roles?.get('agent-adam')?.secretIds.size]).toEqual([
      0, 1,
    ]);
    expect(await adapter.destroySecretIds('nobody')).toBe(0);
  });

  it('says so if a secret id is left', async () => {
    const { vault, adapter } = await givenAdapter();
    await givenAgentRole(vault, 'eve', 2);
    vault.meets(({ path }) => (path.endsWith('/destroy') ? 'ERROR_500' : null));
    expect((await vaultErrorOf(adapter.destroySecretIds('eve'))).message).toBe(
      'Vault still has 2 secret ids of eve',
    );
  });

  it('lists the agents that have an entity, and nobody else', async () => {
    const { vault, adapter } = await givenAdapter();
    expect(await adapter.agents()).toEqual([]);
    for (const name of ['agent-eve', 'agent-', 'agent-Ev%20l', 'agent-a..b', 'people', 'agent-adam'])
      await ask(vault, 'POST', `identity/entity/name/${name}`, {});
    expect(await adapter.agents()).toEqual(['adam', 'eve']);
  });

  it.each([
    [[], null],
    [['tierkeeper-tier-2', 'root'], null],
    [['tierkeeper-tier-5'], null],
    [['tierkeeper-tier-2', 'tierkeeper-tier-1'], null],
    [['tierkeeper-tier-4'], 'T4'],
  ])('takes policies %j for tier %s', async (policies, tier) => {
    const { vault, adapter } = await givenAdapter();
    await ask(vault, 'POST', 'identity/entity/name/agent-eve', {
      policies,
      metadata: { tierkeeper_position: 'x' },
    });
    expect(await adapter.entity('eve')).toMatchObject({
      tier,
      position: null,
      policies: policies.toSorted(),
    });
  });

  it('lets tokens live for 15 minutes at most before it grants T4', async () => {
    const { vault, adapter } = await givenAdapter();
    await givenAgentRole(vault, 'eve', 0);
    await adapter.grant('eve', { tier: 'T4', position: 9 });
    const role = vault.state().mounts.get('tierkeeper')?.roles.get('agent-eve');
    expect(role?.settings.token_max_ttl).toBe(900);
    const paths = vault.seen.filter(({ operation }) => operation === 'update').map(({ path }) => path);
    expect(paths.slice(-2)).toEqual([
      'auth/tierkeeper/role/agent-eve/token-max-ttl',
      'identity/entity/name/agent-eve',
    ]);
    await adapter.grant('adam', { tier: 'T4', position: 10 });
    expect(await adapter.entity('adam')).toMatchObject({ tier: 'T4' });
  });

  it('tells and cuts how long tokens live at T4, makes no shorter life longer, and no role', async () => {
    const { vault, adapter } = await givenAdapter();
    await givenAgentRole(vault, 'eve', 0);
    const set = (seconds: number) =>
      ask(vault, 'POST', 'auth/tierkeeper/role/agent-eve', { token_ttl: 60, token_max_ttl: seconds });
    for (const [seconds, capped] of [
      [901, 900],
      [0, 900],
      [900, 900],
      [300, 300],
    ] as const) {
      await set(seconds);
      expect(await adapter.tokenSeconds('eve')).toBe(seconds);
      await adapter.capTokens('eve');
      expect(await adapter.tokenSeconds('eve')).toBe(capped);
    }
    await adapter.capTokens('adam');
    expect(await adapter.tokenSeconds('adam')).toBeNull();
    await set(3600);
    vault.keepsNothing(true);
    expect(await vaultErrorOf(adapter.capTokens('eve'))).toMatchObject({ kind: 'REFUSED' });
  });

  it('tells whether anybody can log in as an agent: by an alias of its mount, and no other', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.grant('eve', T2);
    await ask(vault, 'POST', 'sys/auth/other', { type: 'approle' });
    const { mounts, entities } = vault.state();
    const link = (mount: string) =>
      ask(vault, 'POST', 'identity/entity-alias', {
        name: `role-of-${mount}`,
        canonical_id: entities.get('agent-eve')?.id,
        mount_accessor: mounts.get(mount)?.accessor,
      });
    await link('other');
    expect(await adapter.entity('eve')).toMatchObject({ hasLogin: false });
    await link('tierkeeper');
    expect(await adapter.entity('eve')).toMatchObject({ hasLogin: true });
    await ask(vault, 'DELETE', 'identity/entity/name/agent-eve');
    await adapter.grant('eve', T2);
    expect(await adapter.entity('eve')).toMatchObject({ hasLogin: false });
  });

  it.each(['grant', 'lower', 'enable'] as const)(
    'does not take a write for done that Vault did not keep: %s',
    async (verb) => {
      const { vault, adapter } = await givenAdapter();
      await adapter.lower('eve', { tier: 'T1', position: 1 });
      vault.keepsNothing(true);
      const done = verb === 'enable' ? adapter.enable('eve', 'T1') : adapter[verb]('eve', T2);
      expect(await vaultErrorOf(done)).toMatchObject({ kind: 'REFUSED', retryable: true });
    },
  );
});

describe('an agent id from anywhere', () => {
  const HOSTILE = [
    '../../sys/policies/acl/x',
    '..',
    '.',
    '',
    'a/b',
    'a%2fb',
    'a?b',
    'a#b',
    'A',
    'é',
    'a b',
    'a\n',
    'a..b',
    '-a',
    'http://evil.example/',
    '//evil.example',
    '{{path}}',
    '&#x2F;',
    'a'.repeat(64),
    'eve\u0000',
  ];

  it.each(HOSTILE)('makes no request if no agent may have it: %j', async (agentId) => {
    const { vault, adapter } = await givenAdapter();
    const before = vault.seen.length;
    const calls: readonly (() => Promise<unknown>)[] = [
      () => adapter.entity(agentId),
      () => adapter.grant(agentId, T2),
      () => adapter.lower(agentId, T2),
      () => adapter.enable(agentId, 'T2'),
      () => adapter.destroySecretIds(agentId),
      () => adapter.tokenSeconds(agentId),
      () => adapter.capTokens(agentId),
    ];
    for (const call of calls)
      expect(await vaultErrorOf(call())).toMatchObject({
        kind: 'REFUSED',
        retryable: false,
      });
    expect(vault.seen).toHaveLength(before);
  });
});

describe('the server policy', () => {
  it('lets the server give no entity another policy, name no secret id, and read no secret', async () => {
    const { vault, auth } = await givenAdapter();
    const { data: _, ...login } = (await ask(vault, 'POST', 'auth/tierkeeper/login', {
      role_id: auth.roleId,
      secret_id: auth.secretId,
    })) as { data: unknown; auth: { client_token: string } };
    const post = async (path: string, body: unknown) =>
      (
        await fetch(`${vault.address}/v1/${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'x-vault-token': login.auth.client_token },
        })
      ).status;
    expect(await post('identity/entity/name/agent-eve', { policies: 'tierkeeper-tier-4' })).toBe(200);
    for (const policies of ['root', 'tierkeeper-server', 'tierkeeper-tier-4,root', ['tierkeeper-tier-4']])
      expect(await post('identity/entity/name/agent-eve', { policies })).toBe(403);
    await givenAgentRole(vault, 'eve', 0);
    for (const [path, body] of [
      ['identity/entity/name/people', { disabled: true }],
      ['auth/tierkeeper/role/agent-eve/secret-id', {}],
      ['auth/tierkeeper/role/agent-eve/token-max-ttl', { token_max_ttl: '768h' }],
      ['auth/tierkeeper/role/agent-eve', { token_policies: 'root' }],
      ['sys/policies/acl/tierkeeper-tier-0', { policy: '' }],
      ['secret/data/production/x', { data: {} }],
    ] as const)
      expect([path, await post(path, body)]).toEqual([path, 403]);
  });
});
