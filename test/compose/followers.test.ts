import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openService } from '../../src/compose/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { eventually } from '../app/vault/given-followed.ts';
import { ask } from '../graphql/ask.ts';
import { givenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { ADA, ANN } from '../support/given-principal.ts';
import { tempFolder } from '../support/temp-folder.ts';

const FOLLOWERS = `{ followers { name position lag pending oldestPending lastError breaker unknown
  deadLetters { key agentId since attempts error } } }`;
const VAULT = '{ agent(agentId: "eve") { vault { desired confirmed state since } } }';

/** A server on a free port whose log is silent. */
async function givenService(variables: Readonly<Record<string, string>>) {
  const DATABASE_URL = `file:${join(tempFolder(), 'tierkeeper.db')}`;
  const config = loadConfig({ DATABASE_URL, PORT: '0', LOG_LEVEL: 'silent', ...variables });
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  onTestFinished(() => service.close());
  const { url } = await service.listen();
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url));
    return { status: response.status, body: await response.text() };
  };
  return { engine: service.engine, app: service.engine.app, get };
}

test('without a Vault nothing follows, and every agent says so', async () => {
  const { engine, app, get } = await givenService({});
  await givenEligible(app);
  expect((await ask(engine, ADA, FOLLOWERS)).data).toEqual({ followers: [] });
  expect((await ask(engine, ANN, VAULT)).one('agent.vault')).toEqual({
    desired: 'T0',
    confirmed: null,
    state: 'NOT_CONFIGURED',
    since: null,
  });
  expect((await get('/readyz')).body).not.toContain('followers');
  expect((await get('/metrics')).body).not.toContain('tierkeeper_follower');
});

test('Vault being down fails no command and no probe; it is told to admins and in metrics, and what lowers lands when it is back', async () => {
  const vault = await givenVault();
  const { engine, app, get } = await givenService({
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.rootToken,
  });
  await givenEligible(app);
  const vaultNow = async () => (await ask(engine, ANN, VAULT)).one('agent.vault');
  await eventually(async () => {
    expect(await vaultNow()).toMatchObject({ desired: 'T0', confirmed: 'T0', state: 'CONFIRMED' });
  });
  await vault.stop();
  await promote(app, ANN, 'eve');
  await revoke(app, { toTier: 'T0' });
  expect(await vaultNow()).toMatchObject({ desired: 'T0', confirmed: 'T0', state: 'PENDING' });
  await eventually(async () => {
    const followers = await ask(engine, ADA, FOLLOWERS);
    expect(followers.one('followers')).toMatchObject({ name: 'vault', pending: 1, deadLetters: [] });
    expect(followers.text('followers.lastError')).toContain("can't be reached");
    expect(['OPEN', 'HALF_OPEN']).toContain(followers.one('followers.breaker'));
    const { body } = await get('/metrics');
    for (const name of ['oldest_seconds', 'lowering_seconds'])
      expect(Number(new RegExp(`${name}\\{follower="vault"\\} (.+)`).exec(body)?.[1]), name).toBeGreaterThan(
        0,
      );
  });
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toMatchObject({ checks: { followers: { vault: { pending: 1 } } } });
  await vault.start();
  await eventually(async () => {
    expect(await vaultNow()).toMatchObject({ desired: 'T0', confirmed: 'T0', state: 'CONFIRMED' });
    expect((await ask(engine, ADA, FOLLOWERS)).one('followers')).toMatchObject({
      lag: 0,
      pending: 0,
      oldestPending: null,
      lastError: null,
      breaker: 'CLOSED',
    });
  });
  const { disabled, policies } = vault.state().entities.get('agent-eve') ?? {};
  expect({ disabled, policies }).toEqual({ disabled: false, policies: ['tierkeeper-tier-0'] });
});

test('followers are for admins alone', async () => {
  const { engine } = await givenService({});
  expect((await ask(engine, ANN, FOLLOWERS)).codes).toEqual(['FORBIDDEN']);
});
