import { VAULT_MOUNT, vaultNameOf } from '../../governance/vault/vault-names.ts';
import { fieldsOf, optionalFieldsOf, textOf, type Fields } from './answers.ts';

/** An entity as the list of all of them tells it. */
export interface ListedEntity {
  readonly id: string;
  readonly name: string;
  /** The role ids that log in as it at the mount of agents. */
  readonly roleIds: readonly string[];
  /** The paths of other mounts that let in as it. */
  readonly otherMounts: readonly string[];
}

/** All entities of a Vault as `LIST identity/entity/id` tells them: names, ids and aliases, but nothing of what they may do. */
export class ListedEntities {
  readonly #byName = new Map<string, ListedEntity>();

  /** @throws VaultError if the answer is not understood */
  constructor({ key_info: info }: Fields) {
    for (const [id, told] of Object.entries(optionalFieldsOf(info, 'key_info'))) {
      const { name, aliases } = fieldsOf(told, 'an entity');
      const entity = { id, name: textOf(name, 'name'), ...loginsOf(aliases) };
      this.#byName.set(entity.name.toLowerCase(), entity);
    }
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** The entity with the name of an agent's. */
  of(agentId: string): ListedEntity | null {
    return this.#byName.get(vaultNameOf(agentId)) ?? null;
  }

  /** The role ids that log in as entities without an agent's name. */
  strangers(isAgents: (name: string) => boolean): readonly string[] {
    return [...this.#byName].flatMap(([name, { roleIds }]) => (isAgents(name) ? [] : roleIds));
  }
}

/** What logs in as an entity, by its aliases: Vault tells an alias's mount by its path, unless the mount is gone. */
export function loginsOf(aliases: unknown): Pick<ListedEntity, 'roleIds' | 'otherMounts'> {
  if (!Array.isArray(aliases)) return { roleIds: [], otherMounts: [] };
  const told = aliases.map((alias) => optionalFieldsOf(alias, 'an alias'));
  const isAgents = ({ mount_path: mount }: Fields) => mount === `auth/${VAULT_MOUNT}/`;
  return {
    roleIds: told.filter(isAgents).map(({ name }) => textOf(name, 'name')),
    otherMounts: told
      .filter((alias) => !isAgents(alias))
      .flatMap(({ mount_path: mount }) => (typeof mount === 'string' && mount !== '' ? [mount] : [])),
  };
}
