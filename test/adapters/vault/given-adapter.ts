import { onTestFinished } from 'vitest';
import { openVault, type VaultSettings } from '../../../src/adapters/vault/open-vault.ts';
import type { Clock } from '../../../src/app/ports/world.ts';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { SERVER_POLICY, SERVER_ROLE, VAULT_MOUNT } from '../../../src/governance/vault/vault-names.ts';
import { SERVER_RULES } from '../../../src/governance/vault/vault-own-policies.ts';
import { vaultPolicyText } from '../../../src/governance/vault/vault-policy.ts';
import { givenVault, type GivenVault, type VaultOptions } from '../../support/fake-vault/given-vault.ts';

/** Asks a Vault with its root token, as whoever runs it would. */
export async function ask(vault: GivenVault, method: string, path: string, body?: unknown): Promise<unknown> {
  const init = { method, headers: { 'x-vault-token': vault.rootToken } };
  const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) };
  const response = await fetch(`${vault.address}/v1/${path}`, sent);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** A Vault where the server may log in as a role, with the least rights; gives what it logs in with. */
export async function givenServerRole(vault: GivenVault, settings: object = {}) {
  await ask(vault, 'POST', `sys/policies/acl/${SERVER_POLICY}`, { policy: vaultPolicyText(SERVER_RULES) });
  await ask(vault, 'POST', `sys/auth/${VAULT_MOUNT}`, { type: 'approle' });
  const role = `auth/${VAULT_MOUNT}/role/${SERVER_ROLE}`;
  const standard = { token_policies: [SERVER_POLICY], token_no_default_policy: true, token_ttl: '1h' };
  await ask(vault, 'POST', role, { ...standard, ...settings });
  const { data: id } = (await ask(vault, 'GET', `${role}/role-id`)) as { data: { role_id: string } };
  const { data: secret } = (await ask(vault, 'POST', `${role}/secret-id`, {})) as {
    data: { secret_id: string };
  };
  return { kind: 'APP_ROLE', roleId: id.role_id, secretId: secret.secret_id } as const;
}

/** A role of an agent with so many secret ids. */
export async function givenAgentRole(vault: GivenVault, agentId: string, secretIds: number): Promise<void> {
  const role = `auth/${VAULT_MOUNT}/role/agent-${agentId}`;
  await ask(vault, 'POST', role, { token_ttl: '15m', token_max_ttl: '1h', token_no_default_policy: true });
  for (let count = 0; count < secretIds; count += 1) await ask(vault, 'POST', `${role}/secret-id`, {});
}

/** The adapter on a Vault, closed when the test ends. */
export function opened(
  settings: VaultSettings,
  { clock, timeout = 5_000 }: { clock: Clock; timeout?: number },
) {
  const adapter = openVault(settings, { clock, timeout });
  onTestFinished(() => adapter.close());
  return adapter;
}

/** A Vault, and the adapter on it, which logs in as the server does. */
export async function givenAdapter(options: VaultOptions & { readonly timeout?: number } = {}) {
  const vault = await givenVault(options);
  const auth = await givenServerRole(vault);
  const place = { address: vault.address, namespace: null, caFile: null };
  const clock: Clock = { now: () => vault.state().now() };
  return { vault, auth, place, clock, adapter: opened({ ...place, auth }, { clock, ...options }) };
}

/** The VaultError that something ends with. */
export async function vaultErrorOf(work: Promise<unknown>): Promise<VaultError> {
  const error: unknown = await work.then(
    () => new Error('It ended well.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof VaultError) return error;
  throw error;
}
