import type { Vault, VaultEntity, VaultWish } from '../../app/vault/ports.ts';
import { VaultError } from '../../app/vault/vault-error.ts';
import { AGENT_ID_RULE, isAgentId } from '../../governance/agent-id.ts';
import type { Tier } from '../../governance/tier.ts';
import {
  agentOfVaultName,
  tierOfPolicies,
  tierPolicyName,
  VAULT_MOUNT,
  vaultNameOf,
} from '../../governance/vault-names.ts';
import { TOKEN_MAX_TTL_AT_T4 } from '../../governance/vault-own-policies.ts';
import { isTooLongAtT4 } from '../../governance/vault-token-life.ts';
import { flagOf, optionalFieldsOf, secondsOf, textOf, textsOf, type Fields } from './answers.ts';
import type { Calls, VaultClient } from './vault-client.ts';

const ENTITIES = ['identity', 'entity', 'name'] as const;
const AT_ONCE = 8;

/** Agents' identity entities in a Vault: every write is read back, and fails unless it is found there. */
export class VaultEntities implements Vault {
  constructor(private readonly client: VaultClient) {}

  get timeout(): number {
    return this.client.timeout;
  }

  async entity(agentId: string): Promise<VaultEntity | null> {
    const path = entityPath(agentId);
    return this.client.within((calls) => readEntity(calls, agentId, path));
  }

  async agents(): Promise<readonly string[]> {
    const names = await this.client.within((calls) => calls.list(ENTITIES));
    const agents = names.flatMap((name) =>
      typeof name === 'string' ? (agentOfVaultName(inLowerCase(name)) ?? []) : [],
    );
    return [...new Set(agents)];
  }

  async grant(agentId: string, wish: VaultWish): Promise<void> {
    const path = entityPath(agentId);
    await this.client.within(async (calls) => {
      if (wish.tier === 'T4') await capTokens(calls, agentId);
      await calls.write(path, wished(agentId, wish));
      kept(agentId, isWished(await readEntity(calls, agentId, path), wish));
    });
  }

  async lower(agentId: string, wish: VaultWish): Promise<void> {
    const path = entityPath(agentId);
    await this.client.within(async (calls) => {
      await calls.write(path, { disabled: true, ...wished(agentId, wish) });
      const entity = await readEntity(calls, agentId, path);
      kept(agentId, isWished(entity, wish) && entity?.disabled === true);
    });
  }

  async enable(agentId: string, tier: Tier): Promise<void> {
    const path = entityPath(agentId);
    await this.client.within(async (calls) => {
      // Of an entity that has gone meanwhile this makes one that may do nothing, and is not taken for it.
      await calls.write(path, { disabled: false });
      const entity = await readEntity(calls, agentId, path);
      kept(agentId, entity?.tier === tier && !entity.disabled);
    });
  }

  async destroySecretIds(agentId: string): Promise<number> {
    const role = rolePath(agentId);
    return this.client.within(async (calls) => {
      const accessors = await secretIds(calls, agentId);
      for (let first = 0; first < accessors.length; first += AT_ONCE) {
        const some = accessors.slice(first, first + AT_ONCE);
        const destroy = (accessor: string) =>
          calls.write([...role, 'secret-id-accessor', 'destroy'], { secret_id_accessor: accessor });
        // One that has gone meanwhile is refused: what counts is what is left.
        await Promise.allSettled(some.map(destroy));
      }
      const left = accessors.length === 0 ? [] : await secretIds(calls, agentId);
      if (left.length > 0)
        throw new VaultError('REFUSED', `Vault still has ${left.length} secret ids of ${agentId}`, true);
      return accessors.length;
    });
  }

  async tokenSeconds(agentId: string): Promise<number | null> {
    const path = maxTtlPath(agentId);
    return this.client.within((calls) => readSeconds(calls, path));
  }

  async capTokens(agentId: string): Promise<void> {
    await this.client.within((calls) => capTokens(calls, agentId));
  }
}

/** Vault finds an entity whatever the case of its name, and tells the name as it was once written. */
function inLowerCase(name: string): string {
  return name.toLowerCase();
}

function entityPath(agentId: string): readonly string[] {
  return [...ENTITIES, nameOf(agentId)];
}

function rolePath(agentId: string): readonly string[] {
  return ['auth', VAULT_MOUNT, 'role', nameOf(agentId)];
}

function maxTtlPath(agentId: string): readonly string[] {
  return [...rolePath(agentId), 'token-max-ttl'];
}

/** Checked before any path is made: an id may come from anywhere. */
function nameOf(agentId: string): string {
  if (isAgentId(agentId)) return vaultNameOf(agentId);
  throw new VaultError(
    'REFUSED',
    `Nothing is asked of Vault for a name that no agent may have: ${AGENT_ID_RULE}`,
    false,
  );
}

function wished(agentId: string, { tier, position }: VaultWish): Fields {
  return {
    // A text and no list: a policy can hold a parameter to texts only.
    policies: tierPolicyName(tier),
    metadata: { tierkeeper_agent: agentId, tierkeeper_position: String(position) },
  };
}

function isWished(entity: VaultEntity | null, { tier, position }: VaultWish): boolean {
  return entity?.tier === tier && entity.position === position;
}

function kept(agentId: string, isKept: boolean): void {
  if (isKept) return;
  throw new VaultError('REFUSED', `Vault has something else than what was just written for ${agentId}`, true);
}

async function readEntity(
  calls: Calls,
  agentId: string,
  path: readonly string[],
): Promise<VaultEntity | null> {
  const data = await calls.read(path);
  if (data === null) return null;
  if (inLowerCase(textOf(data.name, 'name')) !== vaultNameOf(agentId))
    throw new VaultError('NOT_VAULT', `Vault answered with another entity than that of ${agentId}`, true);
  const policies = textsOf(data.policies, 'policies');
  const { tierkeeper_position: position } = optionalFieldsOf(data.metadata, 'metadata');
  return {
    ...{ agentId, policies, tier: tierOfPolicies(policies) },
    disabled: flagOf(data.disabled, 'disabled'),
    position: typeof position === 'string' && /^\d{1,15}$/.test(position) ? Number(position) : null,
    hasLogin: Array.isArray(data.aliases) && data.aliases.some(isOfMount),
  };
}

/** Vault tells an alias's mount by its path, unless it is gone. */
function isOfMount(alias: unknown): boolean {
  return optionalFieldsOf(alias, 'an alias').mount_path === `auth/${VAULT_MOUNT}/`;
}

async function secretIds(calls: Calls, agentId: string): Promise<readonly string[]> {
  const role = rolePath(agentId);
  try {
    return textsOf(await calls.list([...role, 'secret-id']), 'keys');
  } catch (error) {
    // Vault calls it a bad request to list those of a role that does not exist.
    const isBad = error instanceof VaultError && error.kind === 'REFUSED';
    if (isBad && (await calls.read([...role, 'token-max-ttl'])) === null) return [];
    throw error;
  }
}

async function readSeconds(calls: Calls, path: readonly string[]): Promise<number | null> {
  const role = await calls.read(path);
  return role === null ? null : secondsOf(role.token_max_ttl, 'token_max_ttl');
}

/** Tokens are to live for 15 minutes at T4, at most. A shorter life stays when the tier goes, until the agent is enrolled again. */
async function capTokens(calls: Calls, agentId: string): Promise<void> {
  const path = maxTtlPath(agentId);
  const isCapped = async () => {
    const seconds = await readSeconds(calls, path);
    return seconds === null || !isTooLongAtT4(seconds);
  };
  if (await isCapped()) return;
  await calls.write(path, { token_max_ttl: TOKEN_MAX_TTL_AT_T4 });
  kept(agentId, await isCapped());
}
