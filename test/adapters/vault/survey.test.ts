import { describe, expect, it } from 'vitest';
import { VAULT_MOUNT } from '../../../src/governance/vault/vault-names.ts';
import type { GivenVault } from '../../support/fake-vault/given-vault.ts';
import { ask, givenAdapter, givenAgentRole } from './given-adapter.ts';

const MADE = { tier: 'T2', position: 7 } as const;

/** Makes the role of an agent, and an alias from it to an entity; the role id. */
async function givenLogin(vault: GivenVault, agentId: string, entity = `agent-${agentId}`): Promise<string> {
  await givenAgentRole(vault, agentId, 0);
  const role = `auth/${VAULT_MOUNT}/role/agent-${agentId}/role-id`;
  const { data: id } = (await ask(vault, 'GET', role)) as { data: { role_id: string } };
  const { data: to } = (await ask(vault, 'GET', `identity/entity/name/${entity}`)) as {
    data: { id: string };
  };
  const accessor = vault.state().mounts.get(VAULT_MOUNT)?.accessor;
  const alias = { name: id.role_id, mount_accessor: accessor, canonical_id: to.id };
  await ask(vault, 'POST', 'identity/entity-alias', alias);
  return id.role_id;
}

/** Three agents that are looked for; each survey from now on may know them. */
async function givenSurveyed() {
  const { vault, adapter } = await givenAdapter();
  for (const agentId of ['eve', 'adam', 'none']) await adapter.grant(agentId, MADE);
  for (const agentId of ['eve', 'adam']) await givenLogin(vault, agentId);
  const survey = await adapter.survey();
  expect([...survey.agents].sort()).toEqual(['adam', 'eve', 'none']);
  for (const agentId of survey.agents) await survey.entity(agentId);
  const asked = async (work: () => Promise<unknown>) => {
    const before = vault.seen.length;
    await work();
    return vault.seen.slice(before).map(({ operation, path }) => `${operation} ${path}`);
  };
  return { vault, adapter, asked };
}

describe('a survey', () => {
  it('reads the entity and the role alone of whoever is as it was, and tells what reading all of it does', async () => {
    const { adapter, asked } = await givenSurveyed();
    for (const agentId of ['eve', 'none']) {
      const survey = await adapter.survey();
      const requests = await asked(async () =>
        expect(await survey.entity(agentId)).toEqual(await adapter.entity(agentId)),
      );
      expect(requests.at(0)).toMatch(/^read identity\/entity\/id\//);
      expect(await asked(() => survey.entity(agentId))).toHaveLength(agentId === 'eve' ? 2 : 1);
    }
  });

  it('asks once for all entities', async () => {
    const { adapter, asked } = await givenSurveyed();
    expect(await asked(() => adapter.survey())).toEqual(['list identity/entity/id/']);
  });

  it('finds who was enrolled since', async () => {
    const { vault, adapter } = await givenSurveyed();
    await givenLogin(vault, 'none');
    expect(await (await adapter.survey()).entity('none')).toMatchObject({ hasLogin: true, misplaced: null });
  });

  it('finds an alias that was moved after it was made', async () => {
    const { vault, adapter } = await givenSurveyed();
    const survey = await adapter.survey();
    await ask(vault, 'POST', 'identity/entity/name/ops', { policies: 'wide' });
    await givenLogin(vault, 'eve', 'ops');
    expect(await survey.entity('eve')).toMatchObject({ tier: null, misplaced: { givesMore: true } });
  });

  it('finds a role that was made anew and leads to an entity that is no agent’s', async () => {
    const { vault, adapter } = await givenSurveyed();
    await ask(vault, 'POST', 'identity/entity/name/ops', { policies: 'wide' });
    await ask(vault, 'DELETE', `auth/${VAULT_MOUNT}/role/agent-eve`);
    await givenLogin(vault, 'eve', 'ops');
    expect(await (await adapter.survey()).entity('eve')).toMatchObject({ misplaced: { givesMore: true } });
  });

  it.each([
    [
      { token_policies: 'tierkeeper-agent-base,wide' },
      /more than the policy of all agents: wide\. .*token_policies=/,
      true,
    ],
    [{ token_no_default_policy: false }, /: default\. .*token_no_default_policy=true/, true],
    [{ bind_secret_id: false }, /bind_secret_id=true/, true],
    [{ token_period: '1h' }, /token_period=0/, false],
  ])('finds a role with %j', async (settings, why, givesMore) => {
    const { vault, adapter } = await givenSurveyed();
    await ask(vault, 'POST', `auth/${VAULT_MOUNT}/role/agent-eve`, settings);
    const surveyed = await (await adapter.survey()).entity('eve');
    expect(surveyed).toMatchObject({
      tier: givesMore ? null : 'T2',
      misplaced: { why: expect.stringMatching(why) as unknown, givesMore },
    });
    expect(await adapter.entity('eve')).toEqual(surveyed);
  });

  it('finds a role that was made before Vault called its policies token_policies', async () => {
    const { vault, adapter } = await givenSurveyed();
    const role = vault.state().mounts.get(VAULT_MOUNT)?.roles.get('agent-eve');
    if (role !== undefined) role.settings = { ...role.settings, policies: ['wide'], period: 60 };
    expect(await (await adapter.survey()).entity('eve')).toMatchObject({ misplaced: { givesMore: true } });
  });

  it('finds an alias by which another mount lets in', async () => {
    const { vault, adapter } = await givenSurveyed();
    await ask(vault, 'POST', 'sys/auth/people', { type: 'approle' });
    const { entities, mounts } = vault.state();
    await ask(vault, 'POST', 'identity/entity-alias', {
      name: 'somebody',
      canonical_id: entities.get('agent-eve')?.id,
      mount_accessor: mounts.get('people')?.accessor,
    });
    expect(await (await adapter.survey()).entity('eve')).toMatchObject({
      misplaced: { why: expect.stringContaining('auth/people/') as unknown, givesMore: true },
    });
  });

  it('finds groups', async () => {
    const { vault, adapter } = await givenSurveyed();
    const { data } = (await ask(vault, 'GET', 'identity/entity/name/agent-eve')) as { data: { id: string } };
    await ask(vault, 'POST', 'identity/group', { name: 'g', policies: 'wide', member_entity_ids: [data.id] });
    expect(await (await adapter.survey()).entity('eve')).toMatchObject({
      policies: ['tierkeeper-tier-2', 'wide'],
      misplaced: { givesMore: true },
    });
  });

  it.each([
    ['the token may not list aliases', 'DENIED_403'],
    ['the list with aliases is not understood', 'HTML'],
  ] as const)('lists names alone for a while where %s', async (_, fault) => {
    const { vault, adapter, asked } = await givenSurveyed();
    vault.meets(({ path }) => (path === 'identity/entity/id/' ? fault : null));
    const survey = await adapter.survey();
    expect([...survey.agents].sort()).toEqual(['adam', 'eve', 'none']);
    expect(await survey.entity('eve')).toEqual(await adapter.entity('eve'));
    expect(await asked(() => adapter.survey())).toEqual(['list identity/entity/name/']);
    vault.heals();
    for (let count = 0; count < 19; count += 1) await adapter.survey();
    expect(await asked(() => adapter.survey())).toEqual(['list identity/entity/id/']);
  });
});
