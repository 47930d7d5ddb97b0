// Two server processes on one database, which one Vault follows. Each asks Vault with a token of its own, so that what it was
// asked tells by whom.
import { expect, test, vi } from 'vitest';
import { eventually } from '../app/vault/given-followed.ts';
import { heldIn } from '../app/vault/given-served-vault.ts';
import { fileOf, givenDatabase } from '../cli/given-cli.ts';
import { givenFollowingServer, served, type FollowingServer } from '../cli/vault/given-following-server.ts';
import type { Seen } from '../support/fake-vault/given-vault.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible } from '../support/given-agent.ts';
import { rawConnection } from '../support/temp-database.ts';

vi.setConfig({ testTimeout: 180_000 });

/** A server, by the token with which it asks Vault. */
interface Instance {
  readonly token: string;
  readonly server: FollowingServer;
}

const AGENTS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Agents that have earned T1, and what starts a server for them. */
async function givenWorld() {
  const vault = await givenVault();
  const database = await givenDatabase(async (app) => {
    for (const agentId of AGENTS) await givenEligible(app, agentId);
  });
  const root = vault.state().tokens.get(vault.rootToken);
  if (root === undefined) throw new Error('There is no root token.');
  const starts = async (): Promise<Instance> => {
    const { id: token } = vault.state().addToken(root);
    return { token, server: await givenFollowingServer(vault, database, token) };
  };
  return { vault, starts, told: () => toldIn(fileOf(database)) };
}

/** What the ledger tells of agents in Vault, in order, such as `a CONFIRMED T1`. */
function toldIn(file: string): readonly string[] {
  const connection = rawConnection(file, { readonly: true });
  const rows = connection
    .prepare(
      `SELECT agent_id || ' ' || substr(type, 7) || ' ' || (payload ->> 'tier') AS line FROM ledger_entries
       WHERE type LIKE 'VAULT_%' ORDER BY seq`,
    )
    .all() as readonly { readonly line: string }[];
  connection.close();
  return rows.map(({ line }) => line);
}

/** Who asked about agents, each once for as long as it went on without another. */
function askers(seen: readonly Seen[]): readonly string[] {
  const tokens = seen.filter(({ path }) => path.includes('agent-')).map(({ token }) => token);
  return tokens.filter((token, index) => token !== tokens[index - 1]);
}

async function confirmed({ server }: Instance, agents: readonly string[], tier: string): Promise<void> {
  await served(async () => {
    for (const agentId of agents)
      expect((await server.standing(agentId)).vault).toEqual({
        desired: tier,
        confirmed: tier,
        state: 'CONFIRMED',
      });
  });
}

/** Which of two instances delivers. */
function holderOf(
  vault: GivenVault,
  [one, other]: readonly [Instance, Instance],
): readonly [Instance, Instance] {
  const last = vault.seen.findLast(({ path }) => path.includes('agent-'));
  return last?.token === one.token ? [one, other] : [other, one];
}

test('one of two servers delivers, each change is told once, and when it is killed or stops the other one goes on with what is pending', async () => {
  const { vault, starts, told } = await givenWorld();
  const pair = await Promise.all([starts(), starts()]);
  await confirmed(pair[0], AGENTS, 'T0');
  const [holder, other] = holderOf(vault, pair);
  await Promise.all(
    AGENTS.slice(0, 2).map((agentId, index) => (pair[index] ?? holder).server.promote(agentId)),
  );
  await confirmed(other, ['a', 'b'], 'T1');
  expect(askers(vault.seen)).toEqual([holder.token]);

  // Killed while Vault is yet to answer what it asks for c.
  vault.meets(({ path }) => {
    if (!path.endsWith('agent-c')) return null;
    holder.server.process.kill('SIGKILL');
    return 'RESET_BEFORE';
  });
  await other.server.promote('c');
  await holder.server.ended;
  vault.heals();
  await confirmed(other, ['c'], 'T1');

  // Stopped while Vault is down.
  const third = await starts();
  await vault.stop();
  await other.server.promote('d');
  await third.server.promote('e');
  await served(async () => {
    expect((await third.server.ready()).vault).toMatchObject({ pending: 2 });
  });
  other.server.process.kill('SIGTERM');
  expect(await other.server.ended).toMatchObject({ code: 0 });
  await vault.start();
  await confirmed(third, ['d', 'e'], 'T1');

  expect(askers(vault.seen)).toEqual([holder.token, other.token, third.token]);
  expect(told().toSorted()).toEqual([
    ...AGENTS.flatMap((id) => [`${id} CONFIRMED T0`, ...(id === 'f' ? [] : [`${id} CONFIRMED T1`])]),
  ]);
});

/** At which request about an agent that is granted a tier its server is stopped. */
const MOMENTS = [
  { moment: 'before it has read the entity', operation: 'read', after: 0 },
  { moment: 'before Vault has applied the grant', operation: 'update', after: 0 },
  { moment: 'before it has read the grant back', operation: 'read', after: 1 },
] as const;

test('a server that is stopped in the middle of a grant, and goes on after another one delivered a revocation, neither raises in Vault nor tells', async () => {
  const { vault, starts, told } = await givenWorld();
  const pair = await Promise.all([starts(), starts()]);
  await confirmed(pair[0], AGENTS, 'T0');
  for (const [index, { operation, after }] of MOMENTS.entries()) {
    const agentId = AGENTS[index] ?? '';
    const [holder, other] = holderOf(vault, pair);
    let writes = 0;
    let isStopped = false;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    vault.meets(async ({ path, operation: asked }) => {
      if (!path.endsWith(`agent-${agentId}`)) return null;
      if (isStopped || asked !== operation || writes < after) {
        if (asked === 'update') writes += 1;
        return null;
      }
      isStopped = true;
      holder.server.process.kill('SIGSTOP');
      await held;
      return null;
    });
    await other.server.promote(agentId);
    await eventually(() => {
      expect(isStopped).toBe(true);
    });
    expect(await other.server.revoke(agentId, 'T0')).toMatchObject({ __typename: 'AgentRevoked' });
    await eventually(() => {
      expect(heldIn(vault, agentId)).toEqual({ tier: 'T0', disabled: true });
    });
    // Only now is what the stopped one sent applied, or answered.
    goOn();
    await confirmed(other, [agentId], 'T0');
    holder.server.process.kill('SIGCONT');
    await served(async () => {
      expect((await holder.server.standing(agentId)).vault.state).toBe('CONFIRMED');
    });
  }
  // Whatever those that went on were about to do has had its time when each has followed once more.
  for (const [index, agentId] of ['d', 'e'].entries()) await pair[index]?.server.promote(agentId);
  await confirmed(pair[0], ['d', 'e'], 'T1');
  for (const agentId of ['a', 'b', 'c'])
    expect(heldIn(vault, agentId)).toEqual({ tier: 'T0', disabled: false });
  expect(told().toSorted()).toEqual(
    [
      ...AGENTS.map((agentId) => `${agentId} CONFIRMED T0`),
      ...['a', 'b', 'c'].map((agentId) => `${agentId} CONFIRMED T0`),
      ...['d', 'e'].map((agentId) => `${agentId} CONFIRMED T1`),
    ].toSorted(),
  );
});
