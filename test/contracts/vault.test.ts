import { expect, it } from 'vitest';
import { FAULTS, type Fault } from '../support/fake-vault/faults.ts';
import { givenVault } from '../support/fake-vault/given-vault.ts';
import { vaultContract } from './vault.ts';

const { VAULT_ADDR: address, VAULT_TOKEN: token } = process.env;

vaultContract('the Vault of the tests', async () => {
  const vault = await givenVault();
  return { address: vault.address, token: vault.rootToken };
});

if (address !== undefined && token !== undefined)
  vaultContract('a real Vault', () => Promise.resolve({ address, token }));

it('the Vault of the tests keeps namespaces apart', async () => {
  const { address: own, rootToken } = await givenVault();
  const ask = async (method: string, namespace: string) => {
    const headers = { 'x-vault-token': rootToken, 'x-vault-namespace': namespace };
    return (await fetch(`${own}/v1/identity/entity/name/agent-eve`, { method, headers })).status;
  };
  expect([await ask('POST', 'team'), await ask('GET', 'team/'), await ask('GET', '')]).toEqual([
    200, 200, 404,
  ]);
});

it.each(FAULTS)('the Vault of the tests can fail a single request with %s', async (fault) => {
  const vault = await givenVault();
  vault.meets(({ path }) => (path.endsWith('agent-eve') ? fault : null));
  const post = (name: string) =>
    fetch(`${vault.address}/v1/identity/entity/name/${name}`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(300),
      headers: { 'x-vault-token': vault.rootToken },
    }).then(
      ({ status }) => status,
      () => null,
    );
  expect([await post('agent-eve'), await post('agent-adam')]).toEqual([STATUS[fault], 200]);
  const isApplied = fault === 'SLOW' || fault === 'RESET_AFTER';
  expect(vault.state().entities.has('agent-eve')).toBe(isApplied);
});

const STATUS: Readonly<Record<Fault, number | null>> = {
  SEALED: 503,
  STANDBY_429: 429,
  STANDBY_472: 472,
  STANDBY_473: 473,
  REDIRECT: 307,
  HTML: 200,
  SLOW: null,
  RESET_BEFORE: null,
  RESET_AFTER: null,
  ERROR_500: 500,
  DENIED_403: 403,
  BEHIND_412: 412,
  REFUSED: null,
};
