import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tierOfPolicies } from '../../../src/governance/vault/vault-names.ts';
import { givenVault } from '../../support/fake-vault/given-vault.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fileOf, givenDatabase, tierkeeper } from '../given-cli.ts';
import { givenFollowingServer, served, type FollowingServer } from './given-following-server.ts';

vi.setConfig({ testTimeout: 120_000 });

async function stopped(server: FollowingServer): Promise<void> {
  server.process.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
}

test('a restored ledger raises nobody whose revocation it lost, is ready only once all of Vault was compared, and says what to do', async () => {
  const vault = await givenVault();
  const held = (agentId: string) =>
    tierOfPolicies(vault.state().entities.get(`agent-${agentId}`)?.policies ?? []);
  const database = await givenDatabase(async (app) => {
    for (const agentId of ['eve', 'raised']) await givenEligible(app, agentId, 'T1');
  });
  const before = await givenFollowingServer(vault, database);
  const confirmed = (server: FollowingServer, agentId: string, tier: string) =>
    served(async () => {
      const told = { tier, vault: { desired: tier, confirmed: tier, state: 'CONFIRMED' } };
      expect(await server.standing(agentId)).toEqual(told);
    });
  for (const agentId of ['eve', 'raised']) await confirmed(before, agentId, 'T1');
  const backup = join(tempFolder(), 'backup.db');
  expect(await tierkeeper(['backup', '--out', backup], database)).toMatchObject({ code: 0 });
  await before.promote('raised');
  await before.revoke('eve', 'T0');
  await confirmed(before, 'raised', 'T2');
  await confirmed(before, 'eve', 'T0');
  await stopped(before);

  for (const part of ['-wal', '-shm']) rmSync(fileOf(database) + part, { force: true });
  copyFileSync(backup, fileOf(database));
  let goOn: () => void = () => undefined;
  const listable = new Promise<void>((resolve) => (goOn = resolve));
  vault.meets(async ({ operation }) => {
    if (operation === 'list') await listable;
    return null;
  });
  const server = await givenFollowingServer(vault, database);
  expect(await server.ready()).toMatchObject({
    status: 503,
    comparison: 'the first comparison with Vault is under way',
  });
  goOn();
  await served(async () => expect((await server.ready()).status).toBe(200));
  await confirmed(server, 'raised', 'T1');
  await served(async () => {
    expect(await server.standing('eve')).toMatchObject({ tier: 'T1', vault: { state: 'FAILED' } });
  });
  expect([held('raised'), held('eve')]).toEqual(['T1', 'T0']);
  expect(server.log).toEqual([
    expect.objectContaining({ level: 40, follower: 'vault', agents: ['eve', 'raised'] }),
  ]);

  const followers = await tierkeeper(['followers'], database);
  expect(followers.stdout).toMatch(
    /gave up eve .* of another ledger, .* not raised. If this ledger is right, run tierkeeper followers --retry vault;/,
  );
  expect(await tierkeeper(['followers', '--retry', 'vault'], database)).toMatchObject({ code: 0 });
  await confirmed(server, 'eve', 'T1');
  expect(held('eve')).toBe('T1');
});
