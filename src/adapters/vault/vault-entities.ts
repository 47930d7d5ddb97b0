import type { Vault, VaultEntity, VaultSurvey, VaultWish } from '../../app/ports/vault.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import type { Tier } from '../../governance/tier.ts';
import { agentOfVaultName, tierPolicyName } from '../../governance/vault/vault-names.ts';
import { TOKEN_MAX_TTL_AT_T4 } from '../../governance/vault/vault-own-policies.ts';
import { isTooLongAtT4 } from '../../governance/vault/vault-token-life.ts';
import { secondsOf, textsOf, type Fields } from './answers.ts';
import { EntityFinder, misplacement, type FoundEntities } from './entity-finder.ts';
import { entityIdPath, entityOf, isEntityOf, rolePath, type FoundEntity } from './found-entity.ts';
import { ListedEntities } from './listed-entities.ts';
import type { Calls, VaultClient } from './vault-client.ts';

const NAMES = ['identity', 'entity', 'name'] as const;
const IDS = ['identity', 'entity', 'id'] as const;
const AT_ONCE = 8;
/** After a list with aliases could not be had, so many surveys list the names alone. */
const NAMES_ONLY = 20;

/** Agents' identity entities in a Vault: every write is read back, and fails unless it is found there. */
export class VaultEntities implements Vault {
  readonly #finder = new EntityFinder();
  /** How many surveys are to do without the aliases. */
  #namesOnly = 0;

  constructor(private readonly client: VaultClient) {}

  get timeout(): number {
    return this.client.timeout;
  }

  async entity(agentId: string): Promise<VaultEntity | null> {
    return this.client.within(async (calls) => this.#finder.view(await this.#finder.find(calls, agentId)));
  }

  async agents(): Promise<readonly string[]> {
    return agentsOf(await this.client.within((calls) => calls.list(NAMES)));
  }

  async survey(): Promise<VaultSurvey> {
    const entities = await this.client.within((calls) => this.#listed(calls));
    if (entities === null) return { agents: await this.agents(), entity: (agentId) => this.entity(agentId) };
    this.#finder.listed(entities);
    return {
      agents: agentsOf(entities.names),
      entity: (agentId) =>
        this.client.within(async (calls) => {
          return this.#finder.view(await this.#finder.findListed(calls, agentId, entities));
        }),
    };
  }

  /** Null if the token may not list entities with their aliases, or if there are more than an answer may tell. */
  async #listed(calls: Calls): Promise<ListedEntities | null> {
    this.#namesOnly -= 1;
    if (this.#namesOnly >= 0) return null;
    try {
      return new ListedEntities(await calls.listAll(IDS));
    } catch (error) {
      const isOther = error instanceof VaultError && (error.kind === 'DENIED' || error.kind === 'NOT_VAULT');
      if (!isOther) throw error;
      this.#namesOnly = NAMES_ONLY;
      return null;
    }
  }

  async grant(agentId: string, wish: VaultWish): Promise<void> {
    await this.client.within(async (calls) => {
      const found = await this.#finder.find(calls, agentId);
      this.#mayRise(found);
      if (wish.tier === 'T4') await capTokens(calls, agentId);
      await calls.write(found.path, wished(agentId, wish));
      kept(agentId, isWished(await this.#again(calls, found), wish));
    });
  }

  async lower(agentId: string, wish: VaultWish): Promise<VaultEntity | null> {
    return this.client.within(async (calls) => {
      const found = await this.#finder.findToLower(calls, agentId);
      await Promise.all([
        found.own === null && found.others.length > 0
          ? Promise.resolve()
          : calls.write(found.path, { disabled: true, ...wished(agentId, wish) }),
        // Of an entity that is not the agent's own only that nobody acts as it: what it may do is not ours to forget.
        ...found.others.map(({ id }) => calls.write(entityIdPath(id), { disabled: true })),
      ]);
      if (found.problem !== null) throw found.problem;
      const { own, others } = await this.#finder.find(calls, agentId, found.role);
      const isKept = own === null ? others.length > 0 : isWished(own, wish) && own.disabled;
      kept(agentId, isKept && others.every(({ disabled }) => disabled));
      return this.#finder.view(found);
    });
  }

  async enable(agentId: string, tier: Tier): Promise<void> {
    await this.client.within(async (calls) => {
      const found = await this.#finder.find(calls, agentId);
      this.#mayRise(found);
      // Of an entity that has gone meanwhile this makes one that may do nothing, and is not taken for it.
      await calls.write(found.path, { disabled: false });
      const entity = await this.#again(calls, found);
      kept(agentId, entity?.tier === tier && !entity.disabled);
    });
  }

  async #again(calls: Calls, { agentId, path }: FoundEntities): Promise<FoundEntity | null> {
    const entity = entityOf(await calls.read(path));
    return entity === null || isEntityOf(entity, agentId) ? entity : null;
  }

  #mayRise(found: FoundEntities): void {
    const misplaced = misplacement(found);
    if (misplaced?.givesMore === true) throw new VaultError('MISPLACED', misplaced.why, false);
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

function agentsOf(names: readonly unknown[]): readonly string[] {
  const agents = names.flatMap((name) =>
    typeof name === 'string' ? (agentOfVaultName(name.toLowerCase()) ?? []) : [],
  );
  return [...new Set(agents)];
}

function maxTtlPath(agentId: string): readonly string[] {
  return [...rolePath(agentId), 'token-max-ttl'];
}

function wished(agentId: string, { tier, position }: VaultWish): Fields {
  return {
    // A text and no list: a policy can hold a parameter to texts only.
    policies: tierPolicyName(tier),
    metadata: { tierkeeper_agent: agentId, tierkeeper_position: String(position) },
  };
}

function isWished(
  entity: Pick<VaultEntity, 'tier' | 'position'> | null,
  { tier, position }: VaultWish,
): boolean {
  return entity?.tier === tier && entity.position === position;
}

function kept(agentId: string, isKept: boolean): void {
  if (isKept) return;
  throw new VaultError('REFUSED', `Vault has something else than what was just written for ${agentId}`, true);
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
