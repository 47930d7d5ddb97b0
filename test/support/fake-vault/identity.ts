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
import { answerGroups } from './groups.ts';
import type { Entity, State } from './state.ts';

/** identity/entity, identity/entity-alias and identity/lookup; groups are answered beside this. */
export function answerIdentity(state: State, asked: Asked): Answer | null {
  const { operation, path, data } = asked;
  if (operation === 'list' && path === 'identity/entity/name/') return listed(state.entities.keys());
  if (operation === 'list' && path === 'identity/entity/id/') return listIds(state);
  const [, name] = /^identity\/entity\/name\/([^/]+)$/.exec(path) ?? [];
  if (name !== undefined) return answerEntity(state, state.entities.get(name), name, asked);
  const [, id] = /^identity\/entity\/id\/([^/]+)$/.exec(path) ?? [];
  if (id !== undefined) return answerById(state, id, asked);
  const [, aliasId] = /^identity\/entity-alias\/id\/([^/]+)$/.exec(path) ?? [];
  if (aliasId !== undefined) return answerAlias(state, aliasId, asked);
  if (operation !== 'update') return answerGroups(state, asked);
  if (path === 'identity/entity-alias') return addAlias(state, data);
  if (path === 'identity/entity/merge') return merge(state, data);
  if (path === 'identity/lookup/entity') return lookUp(state, data);
  return answerGroups(state, asked);
}

function answerById(state: State, id: string, asked: Asked): Answer | null {
  const entity = [...state.entities.values()].find((each) => each.id === id);
  if (asked.operation === 'update' && entity === undefined) return failed(400, 'entity not found from id');
  const { name } = asked.data;
  if (asked.operation === 'update' && entity !== undefined && typeof name === 'string') {
    if ((state.entities.get(name) ?? entity) !== entity) return failed(400, 'entity name is already in use');
    state.entities.delete(entity.name);
    entity.name = name;
    state.entities.set(name, entity);
  }
  return answerEntity(state, entity, entity?.name ?? '', asked);
}

function answerEntity(
  state: State,
  entity: Entity | undefined,
  name: string,
  { operation, data }: Pick<Asked, 'operation' | 'data'>,
): Answer | null {
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

/** All entities at once: their names and aliases, but not their policies. */
function listIds(state: State): Answer {
  const keys = [...state.entities.values()].map(({ id }) => id).toSorted();
  if (keys.length === 0) return NOT_FOUND;
  const info = [...state.entities.values()].map((entity) => {
    const aliases = aliasesOf(state, entity.id);
    return [entity.id, { name: entity.name, aliases }] as const;
  });
  return answered({ keys, key_info: Object.fromEntries(info) });
}

/** Aliases move; policies and metadata don't; the entities that were merged are gone, but their tokens live on. */
function merge(state: State, data: Asked['data']): Answer {
  const into = [...state.entities.values()].find(({ id }) => id === data.to_entity_id);
  if (into === undefined) return failed(400, 'entity id to merge to is invalid');
  for (const id of stringsOf(data.from_entity_ids)) {
    const from = [...state.entities.values()].find((each) => each.id === id);
    if (from === undefined || from === into) return failed(400, 'entity id to merge from is invalid');
    for (const alias of state.aliases.values()) if (alias.canonicalId === id) alias.canonicalId = into.id;
    for (const group of state.groups.values())
      group.members = [...new Set(group.members.map((each) => (each === id ? into.id : each)))];
    into.mergedIds = [...(into.mergedIds ?? []), id, ...(from.mergedIds ?? [])];
    state.entities.delete(from.name);
  }
  return NO_CONTENT;
}

function lookUp(state: State, data: Asked['data']): Answer {
  const alias = state.aliases.get(`${String(data.alias_mount_accessor)} ${String(data.alias_name)}`);
  const entity = alias === undefined ? undefined : state.entityById(alias.canonicalId);
  return entity === undefined ? NO_CONTENT : answered(shown(state, entity));
}

function answerAlias(state: State, id: string, { operation, data }: Asked): Answer | null {
  const found = [...state.aliases].find(([, alias]) => alias.id === id);
  if (found === undefined) return operation === 'update' ? failed(400, 'invalid alias ID') : NOT_FOUND;
  const [key, alias] = found;
  if (operation === 'delete') state.aliases.delete(key);
  else if (operation === 'update' && state.entityById(String(data.canonical_id)) === undefined)
    return failed(400, 'invalid canonical ID');
  else if (operation === 'update') alias.canonicalId = String(data.canonical_id);
  return operation === 'update' ? answered({ id, canonical_id: alias.canonicalId }) : NO_CONTENT;
}

function aliasesOf(state: State, id: string) {
  return [...state.aliases.values()]
    .filter((alias) => alias.canonicalId === id)
    .map((alias) => ({
      id: alias.id,
      name: alias.name,
      canonical_id: id,
      mount_accessor: alias.mountAccessor,
      ...mountOf(state, alias.mountAccessor),
    }));
}

function shown(state: State, { id, name, policies, metadata, disabled, mergedIds = [] }: Entity) {
  const { direct, inherited } = state.groupsOf(id);
  const [directIds, inheritedIds] = [direct, inherited].map((groups) => groups.map((group) => group.id));
  return {
    id,
    name,
    metadata,
    disabled,
    aliases: aliasesOf(state, id),
    namespace_id: 'root',
    policies: policies.length === 0 ? null : policies,
    merged_entity_ids: mergedIds.length === 0 ? null : mergedIds,
    direct_group_ids: directIds,
    inherited_group_ids: inheritedIds,
    group_ids: [...(directIds ?? []), ...(inheritedIds ?? [])],
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
