import {
  isSameRole,
  type VaultProvisioner,
  type VaultRole,
  type WrappedSecretId,
} from '../../app/ports/vault-provisioner.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import { VAULT_MOUNT, vaultNameOf } from '../../governance/vault/vault-names.ts';
import { fieldsOf, flagOf, secondsOf, textOf, textsOf, type Fields } from './answers.ts';
import type { VaultPath } from './requests.ts';
import type { VaultClient } from './vault-client.ts';

const POLICIES = ['sys', 'policies', 'acl'] as const;
const MOUNT = ['sys', 'auth', VAULT_MOUNT] as const;

/** What sets a Vault up and enrolls agents; what it writes is read back. */
export class VaultProvisioning implements VaultProvisioner {
  constructor(private readonly client: VaultClient) {}

  async policy(name: string): Promise<string | null> {
    const data = await this.client.within((calls) => calls.read([...POLICIES, name]));
    if (data === null) return null;
    return typeof data.policy === 'string' ? data.policy : '';
  }

  async writePolicy(name: string, policy: string): Promise<void> {
    await this.client.within((calls) => calls.write([...POLICIES, name], { policy }));
    kept(`the policy ${name}`, (await this.policy(name)) === policy);
  }

  async mount(): Promise<{ readonly type: string; readonly accessor: string } | null> {
    const data = fieldsOf(await this.client.within((calls) => calls.read(['sys', 'auth'])), 'data');
    const mount = data[`${VAULT_MOUNT}/`];
    if (mount === undefined) return null;
    const { type, accessor } = fieldsOf(mount, 'the mount');
    return { type: textOf(type, 'type'), accessor: textOf(accessor, 'accessor') };
  }

  async enableMount(): Promise<void> {
    const description = 'Agents of Tierkeeper log in here';
    await this.client.within((calls) => calls.write(MOUNT, { type: 'approle', description }));
    kept(`the mount ${VAULT_MOUNT}`, (await this.mount())?.type === 'approle');
  }

  async role(name: string): Promise<VaultRole | null> {
    const data = await this.client.within((calls) => calls.read(rolePath(name)));
    return data === null ? null : roleOf(data);
  }

  async writeRole(name: string, role: VaultRole): Promise<void> {
    const data = {
      // Texts and no lists: a policy can hold a parameter to texts only.
      token_policies: role.policies.join(','),
      token_no_default_policy: role.noDefaultPolicy,
      token_type: role.tokenType,
      token_ttl: `${role.tokenTtl}s`,
      token_max_ttl: `${role.tokenMaxTtl}s`,
      bind_secret_id: role.bindSecretId,
      secret_id_ttl: `${role.secretIdTtl}s`,
    };
    await this.client.within((calls) => calls.write(rolePath(name), data));
    kept(`the role ${name}`, isSameRole(await this.role(name), role));
  }

  async roleId(name: string): Promise<string> {
    const data = await this.client.within((calls) => calls.read([...rolePath(name), 'role-id']));
    return textOf(data?.role_id, 'role_id');
  }

  async link(agentId: string, login: { readonly roleId: string; readonly accessor: string }): Promise<void> {
    const path = ['identity', 'entity', 'name', vaultNameOf(agentId)];
    await this.client.within(async (calls) => {
      const entity = fieldsOf(await calls.read(path), 'the entity');
      const alias = {
        name: login.roleId,
        mount_accessor: login.accessor,
        canonical_id: textOf(entity.id, 'id'),
      };
      await calls.write(['identity', 'entity-alias'], alias);
      const { aliases } = fieldsOf(await calls.read(path), 'the entity');
      const isAlias = (each: unknown) => {
        const { name, mount_accessor: accessor } = fieldsOf(each, 'an alias');
        return name === login.roleId && accessor === login.accessor;
      };
      kept(`the alias of ${agentId}`, Array.isArray(aliases) && aliases.some(isAlias));
    });
  }

  async issueSecretId(name: string, wrapSeconds: number): Promise<WrappedSecretId> {
    const path = [...rolePath(name), 'secret-id'];
    const answer = await this.client.within((calls) => calls.obtain(path, {}, wrapSeconds));
    const { token, ttl } = fieldsOf(answer.wrap_info, 'wrap_info');
    return { wrappingToken: textOf(token, 'token'), ttlSeconds: secondsOf(ttl, 'ttl') };
  }
}

function rolePath(name: string): VaultPath {
  return ['auth', VAULT_MOUNT, 'role', name];
}

function roleOf(data: Fields): VaultRole {
  return {
    policies: textsOf(data.token_policies, 'token_policies'),
    noDefaultPolicy: flagOf(data.token_no_default_policy, 'token_no_default_policy'),
    tokenType: textOf(data.token_type, 'token_type'),
    tokenTtl: secondsOf(data.token_ttl, 'token_ttl'),
    tokenMaxTtl: secondsOf(data.token_max_ttl, 'token_max_ttl'),
    bindSecretId: flagOf(data.bind_secret_id, 'bind_secret_id'),
    secretIdTtl: secondsOf(data.secret_id_ttl, 'secret_id_ttl'),
  };
}

function kept(what: string, isKept: boolean): void {
  if (isKept) return;
  throw new VaultError('REFUSED', `Vault has something else than what was just written as ${what}`, true);
}
