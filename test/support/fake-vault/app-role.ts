import { randomUUID } from 'node:crypto';
import {
  answered,
  DENIED,
  failed,
  listed,
  NO_CONTENT,
  NOT_FOUND,
  randomSecret,
  secondsOf,
  stringsOf,
  type Answer,
  type Asked,
} from './answer.ts';
import type { Mount, Role, State } from './state.ts';

const SETTINGS = {
  bind_secret_id: true,
  secret_id_ttl: 0,
  secret_id_num_uses: 0,
  token_policies: [],
  token_type: 'default',
  token_ttl: 0,
  token_max_ttl: 0,
  token_period: 0,
  token_no_default_policy: false,
};
const NO_ROLE = (name: string) => failed(400, `role ${JSON.stringify(name)} does not exist`);

/** auth/MOUNT/role/… and auth/MOUNT/login of an AppRole mount. */
export function answerAppRole(state: State, mount: Mount, asked: Asked, rest: string): Answer | null {
  const { operation, data } = asked;
  if (rest === 'login' && operation === 'update') return login(state, mount, data);
  if (rest === 'role/' && operation === 'list') return listed(mount.roles.keys());
  const [, name, more] = /^role\/([^/]+)(?:\/(.*))?$/.exec(rest) ?? [];
  if (name === undefined) return null;
  const role = mount.roles.get(name);
  if (more === undefined) return answerRole(mount, name, asked);
  if (more === 'role-id' && operation === 'read')
    return role === undefined ? NOT_FOUND : answered({ role_id: role.roleId });
  if (more === 'token-max-ttl') return answerMaxTtl(role, asked);
  if (more === 'secret-id/' && operation === 'list')
    return role === undefined ? NO_ROLE(name) : listed(living(state, role));
  if (more === 'secret-id' && operation === 'update')
    return role === undefined ? NO_ROLE(name) : addSecretId(state, role);
  if (more === 'secret-id-accessor/lookup' && operation === 'update') return lookup(role, data);
  if (more === 'secret-id-accessor/destroy' && operation === 'update') return destroy(role, data);
  return null;
}

function answerRole(mount: Mount, name: string, { operation, data }: Asked): Answer | null {
  const role = mount.roles.get(name);
  if (operation === 'read') return role === undefined ? NOT_FOUND : answered(role.settings);
  if (operation === 'delete') {
    mount.roles.delete(name);
    return NO_CONTENT;
  }
  if (operation !== 'update') return null;
  const settings = settingsOf(role?.settings ?? SETTINGS, data);
  if (tooShort(settings)) return failed(400, '"token_ttl" cannot be greater than "token_max_ttl"');
  if (role === undefined) mount.roles.set(name, { roleId: randomUUID(), settings, secretIds: new Map() });
  else role.settings = settings;
  return NO_CONTENT;
}

function settingsOf(before: Role['settings'], data: Asked['data']): Role['settings'] {
  const given = Object.entries(data).filter(([key]) => key in SETTINGS);
  const read = given.map(([key, value]) => {
    if (key.endsWith('_ttl') || key === 'token_period') return [key, secondsOf(value)];
    return [key, key === 'token_policies' ? stringsOf(value) : value];
  });
  return { ...before, ...(Object.fromEntries(read) as Role['settings']) };
}

function tooShort({ token_ttl: ttl, token_max_ttl: max }: Role['settings']): boolean {
  return Number(max) > 0 && Number(ttl) > Number(max);
}

function answerMaxTtl(role: Role | undefined, { operation, data }: Asked): Answer | null {
  if (operation === 'read')
    return role === undefined ? NOT_FOUND : answered({ token_max_ttl: role.settings.token_max_ttl });
  if (operation !== 'update') return null;
  if (role === undefined) return failed(404, 'unsupported path');
  const settings = { ...role.settings, token_max_ttl: secondsOf(data.token_max_ttl) };
  if (tooShort(settings)) return failed(400, 'token_max_ttl should be greater than or equal to token_ttl');
  role.settings = settings;
  return NO_CONTENT;
}

function addSecretId(state: State, role: Role): Answer {
  const ttl = Number(role.settings.secret_id_ttl);
  const secretId = randomSecret('');
  const accessor = randomUUID();
  role.secretIds.set(accessor, { secretId, expiresAt: ttl === 0 ? Infinity : state.now() + ttl * 1000 });
  return answered({
    secret_id: secretId,
    secret_id_accessor: accessor,
    secret_id_ttl: ttl,
    secret_id_num_uses: 0,
  });
}

function living(state: State, role: Role): readonly string[] {
  return [...role.secretIds]
    .filter(([, { expiresAt }]) => expiresAt > state.now())
    .map(([accessor]) => accessor);
}

function lookup(role: Role | undefined, { secret_id_accessor: accessor }: Asked['data']): Answer {
  if (!(role?.secretIds.has(String(accessor)) ?? false)) return failed(404, 'failed to find accessor entry');
  return answered({ secret_id_accessor: accessor, metadata: {} });
}

function destroy(role: Role | undefined, { secret_id_accessor: accessor }: Asked['data']): Answer {
  const isThere = role?.secretIds.delete(String(accessor)) ?? false;
  return isThere ? NO_CONTENT : failed(404, 'failed to find accessor entry');
}

function login(state: State, mount: Mount, data: Asked['data']): Answer {
  const role = [...mount.roles.values()].find(({ roleId }) => roleId === data.role_id);
  if (role === undefined) return failed(400, 'invalid role or secret ID');
  const secret = [...role.secretIds.values()].find(({ secretId }) => secretId === data.secret_id);
  if (secret === undefined || secret.expiresAt <= state.now())
    return failed(400, 'invalid role or secret ID');
  const entity = state.entityById(entityOf(state, mount, role));
  if (entity?.disabled === true) return DENIED;
  const { token_policies: own, token_no_default_policy: noDefault, token_ttl, token_max_ttl } = role.settings;
  const policies = [...stringsOf(own), ...(noDefault === true ? [] : ['default'])];
  const ttl = Number(token_ttl) || 2_764_800;
  const max = Number(token_max_ttl) || 2_764_800;
  const expiresAt = state.now() + Math.min(ttl, max) * 1000;
  const fields = { ttl, maxAt: state.now() + max * 1000, expiresAt, renewable: true, wrapped: null };
  const token = state.addToken({ policies, entityId: entity?.id ?? '', ...fields });
  const auth = { client_token: token.id, accessor: token.accessor, policies, token_policies: policies };
  return answered(null, {
    auth: {
      ...auth,
      lease_duration: Math.min(ttl, max),
      renewable: true,
      entity_id: token.entityId,
      token_type: 'service',
    },
  });
}

/** Whoever logs in without an alias becomes an entity of their own. */
function entityOf(state: State, mount: Mount, role: Role): string {
  const key = `${mount.accessor} ${role.roleId}`;
  const alias = state.aliases.get(key);
  if (alias !== undefined) return alias.canonicalId;
  const id = randomUUID();
  const name = `entity_${id.slice(0, 8)}`;
  state.entities.set(name, { id, name, policies: [], metadata: null, disabled: false });
  state.aliases.set(key, {
    id: randomUUID(),
    name: role.roleId,
    mountAccessor: mount.accessor,
    canonicalId: id,
  });
  return id;
}
