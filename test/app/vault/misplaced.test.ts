import { expect, test, vi } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { vaultState } from '../../../src/governance/vault/vault-state.ts';
import type { GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { revoke } from '../../support/given-authority.ts';
import { RunningClock } from '../../support/given-engine.ts';
import { ask } from '../../adapters/vault/given-adapter.ts';
import { eventually, toldOf } from './given-followed.ts';
import { givenServedVault } from './given-served-vault.ts';

vi.setConfig({ testTimeout: 60_000 });

/** A clock that can be put forward, so that the next comparison is due. */
class JumpingClock extends RunningClock {
  ahead = 0;

  override now(): number {
    return super.now() + this.ahead;
  }
}

const SECRET = 'secret/data/production';
const MOUNT = 'auth/tierkeeper';

/** What somebody does to the entity of an agent, by hand. */
const SITUATIONS: Readonly<Record<string, (vault: GivenVault, agentId: string) => Promise<unknown>>> = {
  renamed: async (vault, agentId) =>
    ask(vault, 'POST', `identity/entity/id/${await idOf(vault, `agent-${agentId}`)}`, {
      name: `was-${agentId}`,
    }),
  unlinked: async (vault, agentId) => {
    const id = await idOf(vault, `agent-${agentId}`);
    await SITUATIONS.renamed?.(vault, agentId);
    const entity = await ask(vault, 'GET', `identity/entity/id/${id}`);
    const [alias] = (entity as { data: { aliases: readonly { id: string }[] } }).data.aliases;
    return ask(vault, 'DELETE', `identity/entity-alias/id/${String(alias?.id)}`);
  },
  merged: async (vault, agentId) => {
    const into = await givenOps(vault, agentId);
    const from = [await idOf(vault, `agent-${agentId}`)];
    return ask(vault, 'POST', 'identity/entity/merge', { from_entity_ids: from, to_entity_id: into });
  },
  moved: async (vault, agentId) => {
    const canonical = await givenOps(vault, agentId);
    const entity = await ask(vault, 'GET', `identity/entity/name/agent-${agentId}`);
    const [alias] = (entity as { data: { aliases: readonly { id: string }[] } }).data.aliases;
    return ask(vault, 'POST', `identity/entity-alias/id/${String(alias?.id)}`, { canonical_id: canonical });
  },
  grouped: async (vault, agentId) => givenGroup(vault, agentId, ['wide']),
  nested: async (vault, agentId) => {
    await givenGroup(vault, agentId, []);
    const [group] = [...vault.state().groups.values()].filter(({ name }) => name === `group-${agentId}`);
    const body = { policies: ['wide'], member_group_ids: [group?.id] };
    return ask(vault, 'POST', `identity/group/name/above-${agentId}`, body);
  },
  widened: async (vault, agentId) =>
    ask(vault, 'POST', `${MOUNT}/role/agent-${agentId}`, { token_policies: 'tierkeeper-agent-base,wide' }),
  shared: async (vault, agentId) => {
    await ask(vault, 'POST', 'sys/auth/people', { type: 'approle' });
    const alias = { name: 'somebody', mount_accessor: vault.state().mounts.get('people')?.accessor };
    const canonical = await idOf(vault, `agent-${agentId}`);
    return ask(vault, 'POST', 'identity/entity-alias', { ...alias, canonical_id: canonical });
  },
};

async function idOf(vault: GivenVault, name: string): Promise<string> {
  const entity = (await ask(vault, 'GET', `identity/entity/name/${name}`)) as { data: { id: string } };
  return entity.data.id;
}

async function givenOps(vault: GivenVault, agentId: string): Promise<string> {
  await ask(vault, 'POST', `identity/entity/name/ops-${agentId}`, { policies: 'wide' });
  return idOf(vault, `ops-${agentId}`);
}

async function givenGroup(vault: GivenVault, agentId: string, policies: readonly string[]) {
  const members = [await idOf(vault, `agent-${agentId}`)];
  const body = { policies, member_entity_ids: members };
  return ask(vault, 'POST', `identity/group/name/group-${agentId}`, body);
}

/** Agents at T1, each enrolled, and logged in with a token that reads production. */
async function givenWorld() {
  const clock = new JumpingClock();
  const { app, server } = await givenServedVault({ clock, timeout: 1_500 });
  const policy = `path "${SECRET}" { capabilities = ["read"] }`;
  for (const name of ['wide', 'tierkeeper-tier-1'])
    await ask(server, 'POST', `sys/policies/acl/${name}`, { policy });
  await ask(server, 'POST', SECRET, { data: { a: 'b' } });
  await ask(server, 'POST', `sys/${MOUNT}`, { type: 'approle' });
  const mounts = (await ask(server, 'GET', 'sys/auth')) as {
    data: Readonly<Record<string, { accessor: string }>>;
  };
  const accessor = mounts.data['tierkeeper/']?.accessor ?? '';
  const agents = Object.keys(SITUATIONS);
  for (const agentId of agents) await givenEligible(app, agentId, 'T1');
  const given = agents.map(async (agentId) => {
    await eventually(async () => expect(await toldOf(app, agentId)).toContain('CONFIRMED T1'), 30_000, 100);
    return [agentId, await enrolled(server, agentId, accessor)] as const;
  });
  const tokens = new Map(await Promise.all(given));
  const compare = () => {
    clock.ahead += 31_000;
    app.doorbell.ring();
  };
  return { app, server, agents, tokens, compare };
}

/** Gives a way to log in. */
async function enrolled(server: GivenVault, agentId: string, accessor: string) {
  const role = `${MOUNT}/role/agent-${agentId}`;
  await ask(server, 'POST', role, { token_no_default_policy: true, token_ttl: '15m' });
  const id = (await ask(server, 'GET', `${role}/role-id`)) as { data: { role_id: string } };
  const alias = { name: id.data.role_id, mount_accessor: accessor };
  const canonical = await idOf(server, `agent-${agentId}`);
  await ask(server, 'POST', 'identity/entity-alias', { ...alias, canonical_id: canonical });
  return async () => {
    const secret = (await ask(server, 'POST', `${role}/secret-id`, {})) as { data: { secret_id: string } };
    const login = { role_id: id.data.role_id, secret_id: secret.data.secret_id };
    const { auth } = (await ask(server, 'POST', `${MOUNT}/login`, login)) as {
      auth: { client_token: string };
    };
    return auth.client_token;
  };
}

async function reads({ address }: GivenVault, token: string): Promise<number> {
  return (await fetch(`${address}/v1/${SECRET}`, { headers: { 'x-vault-token': token } })).status;
}

async function stateOf(app: App, agentId: string) {
  const agent = (await app.store.reader.agents([agentId])).get(agentId);
  const known = (await app.store.reader.vaultRecords([agentId])).get(agentId);
  if (agent === undefined || known === undefined) throw new Error('no agent');
  return vaultState(agent.state, known).state;
}

async function loggedIn(tokens: ReadonlyMap<string, () => Promise<string>>) {
  const all = [...tokens].map(async ([agentId, login]) => [agentId, await login()] as const);
  return new Map(await Promise.all(all));
}

test('an agent whose entity was renamed, merged, grouped, shared or unaliased, or whose role was widened, can do nothing once it is revoked, and is told as FAILED', async () => {
  const { app, server, agents, tokens } = await givenWorld();
  const issued = await loggedIn(tokens);
  for (const agentId of agents) await SITUATIONS[agentId]?.(server, agentId);
  for (const token of issued.values()) expect(await reads(server, token)).toBe(200);
  for (const agentId of agents) await revoke(app, { agentId, toTier: 'T0', suspend: true });
  for (const agentId of agents)
    await eventually(
      async () => {
        const status = await reads(server, issued.get(agentId) ?? '');
        expect([agentId, status, await stateOf(app, agentId)]).toEqual([agentId, 403, 'FAILED']);
      },
      30_000,
      100,
    );
});

test('an agent that was revoked before its entity was renamed, merged, grouped, shared or unaliased, or its role widened, can do nothing once all are compared, and is told as FAILED', async () => {
  const { app, server, agents, tokens, compare } = await givenWorld();
  const issued = await loggedIn(tokens);
  for (const agentId of agents) await revoke(app, { agentId, toTier: 'T0', suspend: true });
  for (const agentId of agents)
    await eventually(async () => expect(await toldOf(app, agentId)).toContain('CONFIRMED T0 disabled'));
  for (const agentId of agents) await SITUATIONS[agentId]?.(server, agentId);
  compare();
  for (const agentId of agents)
    await eventually(
      async () => {
        const status = await reads(server, issued.get(agentId) ?? '');
        expect([agentId, status, await stateOf(app, agentId)]).toEqual([agentId, 403, 'FAILED']);
      },
      30_000,
      100,
    );
});

test('an agent that was not revoked is disabled while its entity gives it more than its tier, and works again once that is put right', async () => {
  const { app, server, tokens, compare } = await givenWorld();
  const token = (await tokens.get('grouped')?.()) ?? '';
  await SITUATIONS.grouped?.(server, 'grouped');
  compare();
  await eventually(
    async () => {
      expect([await reads(server, token), await stateOf(app, 'grouped')]).toEqual([403, 'FAILED']);
    },
    30_000,
    100,
  );
  await ask(server, 'DELETE', 'identity/group/name/group-grouped');
  await eventually(
    async () => {
      expect([await reads(server, token), await stateOf(app, 'grouped')]).toEqual([200, 'CONFIRMED']);
    },
    30_000,
    100,
  );
  expect(await toldOf(app, 'grouped')).toContain('DRIFTED from T1 to nothing');
});
