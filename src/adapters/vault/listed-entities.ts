import { VAULT_MOUNT, vaultNameOf } from '../../governance/vault-names.ts';
import { fieldsOf, optionalFieldsOf, textOf, type Fields } from './answers.ts';

/** An entity as the list of all of them tells it. */
export interface ListedEntity {
  readonly id: string;
  readonly name: string;
  /** The role ids that log in as it at the mount of agents. */
  readonly roleIds: readonly string[];
}

/** All entities of a Vault as `LIST identity/entity/id` tells them: names, ids and aliases, but nothing of what they may do. */
export class ListedEntities {
  readonly #byName = new Map<string, ListedEntity>();

  /** @throws VaultError if the answer is not understood */
  constructor({ key_info: info }: Fields) {
    for (const [id, told] of Object.entries(optionalFieldsOf(info, 'key_info'))) {
      const { name, aliases } = fieldsOf(told, 'an entity');
      const entity = { id, name: textOf(name, 'name'), roleIds: roleIdsOf(aliases) };
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

/** The role ids among the aliases of an entity: Vault tells an alias's mount by its path, unless the mount is gone. */
export function roleIdsOf(aliases: unknown): readonly string[] {
  if (!Array.isArray(aliases)) return [];
  return aliases
    .map((alias) => optionalFieldsOf(alias, 'an alias'))
    .filter(({ mount_path: mount }) => mount === `auth/${VAULT_MOUNT}/`)
    .map(({ name }) => textOf(name, 'name'));
}
