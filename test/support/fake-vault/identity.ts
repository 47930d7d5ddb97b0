import { randomUUID } from 'node:crypto';
import {
  answered,
  failed,
  listed,
  NO_CONTENT,
  NOT_FOUND,
  stringsOf,
  type Answer,
  type Asked,
} from './answer.ts';
import type { Entity, State } from './state.ts';

/** identity/entity/name and identity/entity-alias. */
export function answerIdentity(state: State, { operation, path, data }: Asked): Answer | null {
  if (operation === 'list' && path === 'identity/entity/name/') return listed(state.entities.keys());
  const [, name] = /^identity\/entity\/name\/([^/]+)$/.exec(path) ?? [];
  if (name !== undefined) return answerEntity(state, name, { operation, data });
  if (operation === 'update' && path === 'identity/entity-alias') return addAlias(state, data);
  return null;
}

function answerEntity(
  state: State,
  name: string,
  { operation, data }: Pick<Asked, 'operation' | 'data'>,
): Answer | null {
  const entity = state.entities.get(name);
  if (operation === 'read') return entity === undefined ? NOT_FOUND : answered(shown(state, entity));
  if (operation === 'delete') {
    state.entities.delete(name);
    for (const [key, { canonicalId }] of state.aliases)
      if (canonicalId === entity?.id) state.aliases.delete(key);
    return NO_CONTENT;
  }
  if (operation !== 'update') return null;
  const known = entity ?? { id: randomUUID(), name, policies: [], metadata: null, disabled: false };
  if ('disabled' in data && typeof data.disabled !== 'boolean')
    return failed(400, 'Field validation failed: error converting input for field "disabled"');
  // Only what is supplied is replaced, and that as a whole.
  if ('policies' in data)
    known.policies = [...new Set(stringsOf(data.policies).map((each) => each.toLowerCase()))].toSorted();
  if ('metadata' in data) known.metadata = data.metadata as Entity['metadata'];
  if ('disabled' in data) known.disabled = data.disabled as boolean;
  state.entities.set(name, known);
  return entity === undefined ? answered({ aliases: null, id: known.id, name }) : NO_CONTENT;
}

function shown(state: State, { id, name, policies, metadata, disabled }: Entity) {
  const aliases = [...state.aliases.values()]
    .filter((alias) => alias.canonicalId === id)
    .map((alias) => ({
      ...{ id: alias.id, name: alias.name, canonical_id: id, mount_accessor: alias.mountAccessor },
      ...mountOf(state, alias.mountAccessor),
    }));
  return {
    id,
    name,
    policies: policies.length === 0 ? null : policies,
    metadata,
    disabled,
    aliases,
    namespace_id: 'root',
  };
}

/** As Vault tells it: nothing once the mount is gone. */
function mountOf(state: State, accessor: string) {
  const [found] = [...state.mounts].filter(([, mount]) => mount.accessor === accessor);
  return found === undefined ? {} : { mount_path: `auth/${found[0]}/`, mount_type: found[1].type };
}

function addAlias(state: State, data: Asked['data']): Answer {
  const { name, canonical_id: canonicalId, mount_accessor: mountAccessor } = data;
  if (typeof name !== 'string' || name === '') return failed(400, 'missing alias name');
  if (![...state.mounts.values()].some(({ accessor }) => accessor === mountAccessor))
    return failed(400, `invalid mount accessor ${JSON.stringify(mountAccessor)}`);
  if (typeof canonicalId !== 'string' || state.entityById(canonicalId) === undefined)
    return failed(400, 'invalid canonical ID');
  const key = `${String(mountAccessor)} ${name}`;
  const alias = state.aliases.get(key);
  if (alias === undefined)
    state.aliases.set(key, { id: randomUUID(), name, mountAccessor: String(mountAccessor), canonicalId });
  else alias.canonicalId = canonicalId;
  return answered({ id: state.aliases.get(key)?.id, canonical_id: canonicalId });
}
