import { parseVaultPolicy } from '../../../src/governance/vault/vault-policy.ts';
import { VaultPolicyError } from '../../../src/governance/vault/vault-policy-error.ts';
import {
  answered,
  failed,
  listed,
  NO_CONTENT,
  NOT_FOUND,
  randomSecret,
  type Answer,
  type Asked,
} from './answer.ts';
import type { State } from './state.ts';

/** sys/policies/acl, sys/auth and secret/ (a KV engine, version 2). */
export function answerSystem(state: State, asked: Asked): Answer | null {
  const { operation, path } = asked;
  if (path === 'sys/policies/acl/' && operation === 'list') return listed([...state.policies.keys(), 'root']);
  const [, policy] = /^sys\/policies\/acl\/([^/]+)$/.exec(path) ?? [];
  if (policy !== undefined) return answerPolicy(state, policy.toLowerCase(), asked);
  if (path === 'sys/auth' && operation === 'read') return answerMounts(state);
  const [, mount] = /^sys\/auth\/([^/]+)$/.exec(path) ?? [];
  if (mount !== undefined) return answerMount(state, mount, asked);
  return path.startsWith('secret/data/') ? answerSecret(state, asked) : null;
}

function answerPolicy(state: State, name: string, { operation, data }: Asked): Answer | null {
  if (operation === 'read') {
    const policy = state.policies.get(name);
    return policy === undefined ? NOT_FOUND : answered({ name, policy });
  }
  if (operation === 'delete') {
    state.policies.delete(name);
    return NO_CONTENT;
  }
  if (operation !== 'update') return null;
  if (name === 'root') return failed(400, 'cannot update "root" policy');
  try {
    parseVaultPolicy(String(data.policy));
  } catch (error) {
    if (!(error instanceof VaultPolicyError)) throw error;
    return failed(400, `failed to parse policy: ${error.message}`);
  }
  state.policies.set(name, String(data.policy));
  return NO_CONTENT;
}

function answerMounts(state: State): Answer {
  const mounts = [...state.mounts].map(([path, { type, accessor }]) => [`${path}/`, { type, accessor }]);
  const data = Object.fromEntries(mounts) as Readonly<Record<string, unknown>>;
  return answered(data, data);
}

function answerMount(state: State, path: string, { operation, data }: Asked): Answer | null {
  if (operation === 'delete') {
    state.mounts.delete(path);
    return NO_CONTENT;
  }
  if (operation !== 'update') return null;
  if (state.mounts.has(path)) return failed(400, `path is already in use at ${path}/`);
  const type = String(data.type);
  state.mounts.set(path, { type, accessor: randomSecret(`auth_${type}_`), roles: new Map() });
  return NO_CONTENT;
}

function answerSecret(state: State, { operation, path, data }: Asked): Answer | null {
  if (operation === 'update') {
    state.secrets.set(path, data.data);
    return answered({ version: 1 });
  }
  if (operation !== 'read') return null;
  return state.secrets.has(path)
    ? answered({ data: state.secrets.get(path), metadata: { version: 1 } })
    : NOT_FOUND;
}
