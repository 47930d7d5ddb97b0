import { expect, test, vi } from 'vitest';
import { tierOfPolicies } from '../../src/governance/vault/vault-names.ts';
import { fileOf, givenDatabase } from '../cli/given-cli.ts';
import { givenFollowingServer, served } from '../cli/vault/given-following-server.ts';
import { piped } from '../cli/in-this-process.ts';
import { givenVault } from '../support/fake-vault/given-vault.ts';
import { givenFixtureLedger } from '../support/given-original-ledger.ts';
import { rawConnection } from '../support/temp-database.ts';

vi.setConfig({ testTimeout: 120_000 });

const STRANGERS = 1_200;
const UNKNOWN = '{ followers { unknown pending lag lastError deadLetters { key } } }';

test('300 imported agents are all confirmed beside 1,200 entities that the ledger does not know, of which it is told once, and of 100', async () => {
  const vault = await givenVault();
  const strangers = Array.from(
    { length: STRANGERS },
    (_, index) => `stranger-${String(index).padStart(4, '0')}`,
  );
  for (const agentId of strangers) {
    const name = `agent-${agentId}`;
    const entity = { id: agentId, name, policies: ['tierkeeper-tier-2'], metadata: null, disabled: false };
    vault.state().entities.set(name, entity);
  }
  const database = await givenDatabase();
  const imported = await piped(['import', givenFixtureLedger(), '--json'], database);
  expect(imported.json()).toMatchObject({ agents: { imported: 300 } });
  const server = await givenFollowingServer(vault, database);
  const settled = async () => {
    const { data } = await server.ask(UNKNOWN, {}, 't-ada');
    expect(data).toEqual({
      followers: [{ unknown: strangers.slice(0, 100), pending: 0, lag: 0, lastError: null, deadLetters: [] }],
    });
  };
  await served(settled);

  const connection = rawConnection(fileOf(database), { readonly: true });
  const agents = connection.prepare('SELECT agent_id, tier FROM agents ORDER BY 1').all() as readonly {
    readonly agent_id: string;
    readonly tier: string;
  }[];
  const told = connection.prepare("SELECT count(*) FROM ledger_entries WHERE type LIKE 'VAULT_%'").pluck();
  expect(agents).toHaveLength(300);
  expect(new Set(agents.map(({ tier }) => tier)).size).toBe(5);
  for (const { agent_id: agentId, tier } of agents) {
    const entity = vault.state().entities.get(`agent-${agentId}`);
    expect([agentId, tierOfPolicies(entity?.policies ?? []), entity?.disabled]).toEqual([
      agentId,
      tier,
      false,
    ]);
  }
  expect(told.get()).toBe(300);
  expect((await server.standing('agent-0003')).vault).toMatchObject({ confirmed: 'T2', state: 'CONFIRMED' });
  expect(await server.metric('unknown')).toBe(100);

  // An outage has everything compared again.
  await vault.stop();
  await server.revoke('agent-0003', 'T1');
  await served(async () => {
    expect(await server.metric('breaker_open')).toBe(1);
  });
  const before = vault.seen.length;
  await vault.start();
  await served(async () => {
    expect((await server.standing('agent-0003')).vault).toMatchObject({
      confirmed: 'T1',
      state: 'CONFIRMED',
    });
    expect(vault.seen.slice(before).filter(({ operation }) => operation === 'list').length).toBeGreaterThan(
      0,
    );
    await settled();
  });
  const unknown = server.log.filter(({ msg }) => msg.includes('does not know'));
  expect(unknown).toEqual([expect.objectContaining({ follower: 'vault', agents: strangers.slice(0, 100) })]);
  // One line tells of them, and one of the revocation that had to wait.
  expect(server.log).toHaveLength(2);
  for (const agentId of strangers)
    expect(vault.state().entities.get(`agent-${agentId}`)?.policies).toEqual(['tierkeeper-tier-2']);
});
