import { expect } from 'vitest';
import { PROVISIONER_POLICY } from '../../../src/governance/vault/vault-names.ts';
import { PROVISIONER_RULES } from '../../../src/governance/vault/vault-own-policies.ts';
import { vaultPolicyText } from '../../../src/governance/vault/vault-policy.ts';
import { ask } from '../../adapters/vault/given-adapter.ts';
import { givenVault, type GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { givenDatabase, type Variables } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

/** The variables of somebody who may set Vault up and enroll, and no more. */
export async function givenProvisioner(vault: GivenVault): Promise<Variables> {
  const policy = vaultPolicyText(PROVISIONER_RULES);
  await ask(vault, 'POST', `sys/policies/acl/${PROVISIONER_POLICY}`, { policy });
  const body = { policies: [PROVISIONER_POLICY], no_default_policy: true, ttl: '1h' };
  const created = (await ask(vault, 'POST', 'auth/token/create', body)) as { auth: { client_token: string } };
  return { VAULT_ADDR: vault.address, VAULT_TOKEN: created.auth.client_token };
}

/** A Vault that is set up, and a ledger with eve at T1 and adam at T0. */
export async function givenWorld() {
  const vault = await givenVault();
  const database = await givenDatabase(async (app) => {
    await givenEligible(app, 'eve', 'T1');
    await givenEligible(app, 'adam');
  });
  const variables = { ...database, ...(await givenProvisioner(vault)) };
  expect(await piped(['vault', 'setup'], variables)).toMatchObject({ code: 0, stderr: '' });
  return { vault, database, variables };
}
