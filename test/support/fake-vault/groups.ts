import { randomUUID } from 'node:crypto';
import { answered, NO_CONTENT, NOT_FOUND, stringsOf, type Answer, type Asked } from './answer.ts';
import type { Group, State } from './state.ts';

/** identity/group, identity/group/id and identity/group/name. */
export function answerGroups(state: State, { operation, path, data }: Asked): Answer | null {
  const [, by, key] = /^identity\/group\/(id|name)\/([^/]*)$/.exec(path) ?? [];
  if (operation === 'list' && by === 'id' && key === '') return listGroups(state);
  if (by === undefined && path !== 'identity/group') return null;
  const wanted = key ?? data.name;
  const group = [...state.groups.values()].find((each) => each[by === 'id' ? 'id' : 'name'] === wanted);
  if (operation === 'update') return writeGroup(state, group, { ...data, name: data.name ?? key });
  if (group === undefined) return NOT_FOUND;
  if (operation === 'read') return answered(shown(group));
  if (operation !== 'delete') return null;
  state.groups.delete(group.id);
  return NO_CONTENT;
}

function writeGroup(state: State, known: Group | undefined, data: Asked['data']): Answer {
  const id = known?.id ?? randomUUID();
  const name = known?.name ?? (typeof data.name === 'string' ? data.name : `group_${id.slice(0, 8)}`);
  const group = known ?? { id, name, policies: [], members: [], groups: [] };
  // A list that is supplied replaces all of it.
  if ('policies' in data) group.policies = stringsOf(data.policies);
  if ('member_entity_ids' in data) group.members = stringsOf(data.member_entity_ids);
  if ('member_group_ids' in data) group.groups = stringsOf(data.member_group_ids);
  state.groups.set(id, group);
  return known === undefined ? answered({ id, name }) : NO_CONTENT;
}

function listGroups(state: State): Answer {
  const keys = [...state.groups.keys()].toSorted();
  if (keys.length === 0) return NOT_FOUND;
  const info = [...state.groups.values()].map(({ id, name }) => [id, { name }] as const);
  return answered({ keys, key_info: Object.fromEntries(info) });
}

function shown({ id, name, policies, members, groups }: Group) {
  return {
    id,
    name,
    type: 'internal',
    policies: policies.length === 0 ? null : policies,
    member_entity_ids: members,
    member_group_ids: groups,
  };
}
