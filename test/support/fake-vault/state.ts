import { randomUUID } from 'node:crypto';
import { randomSecret } from './answer.ts';

/** An identity entity. */
export interface Entity {
  readonly id: string;
  name: string;
  policies: readonly string[];
  metadata: Readonly<Record<string, string>> | null;
  disabled: boolean;
  /** The ids of entities that were merged into this one: tokens of theirs are tokens of this one. */
  mergedIds?: readonly string[];
}

/** An internal group. */
export interface Group {
  readonly id: string;
  name: string;
  policies: readonly string[];
  members: readonly string[];
  groups: readonly string[];
}

/** Who logs in by a mount, and is this entity then. */
export interface Alias {
  readonly id: string;
  readonly name: string;
  readonly mountAccessor: string;
  canonicalId: string;
}

/** An AppRole role with its settings, times in seconds. */
export interface Role {
  readonly roleId: string;
  settings: Readonly<Record<string, unknown>>;
  /** By accessor. */
  readonly secretIds: Map<string, { readonly secretId: string; readonly expiresAt: number }>;
}

/** A token. */
export interface Token {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly entityId: string;
  /** The answer that it unwraps, if it is a wrapping token. */
  readonly wrapped: unknown;
  readonly renewable: boolean;
  readonly ttl: number;
  readonly maxAt: number;
  expiresAt: number;
}

/** An auth mount. */
export interface Mount {
  readonly type: string;
  readonly accessor: string;
  readonly roles: Map<string, Role>;
}

/** Everything that a Vault remembers, of one namespace. */
export class State {
  readonly policies = new Map<string, string>([
    ['default', 'path "auth/token/lookup-self" { capabilities = ["read"] }'],
  ]);
  readonly mounts = new Map<string, Mount>([
    ['token', { type: 'token', accessor: 'auth_token_00000000', roles: new Map() }],
  ]);
  readonly entities = new Map<string, Entity>();
  readonly aliases = new Map<string, Alias>();
  /** By id. */
  readonly groups = new Map<string, Group>();
  readonly tokens = new Map<string, Token>();
  readonly secrets = new Map<string, unknown>();
  /** How far its clock is ahead, in milliseconds. */
  ahead = 0;

  constructor(readonly rootToken: string) {
    const forever = { ttl: 0, maxAt: Infinity, expiresAt: Infinity, renewable: false };
    this.addToken({ policies: ['root'], entityId: '', wrapped: null, ...forever }, rootToken);
  }

  now(): number {
    return Date.now() + this.ahead;
  }

  /** A token that lives, or undefined. */
  token(id: string): Token | undefined {
    const token = this.tokens.get(id);
    return token === undefined || token.expiresAt <= this.now() ? undefined : token;
  }

  addToken(token: Omit<Token, 'id' | 'accessor'>, id = randomSecret('hvs.')): Token {
    const added: Token = { ...token, id, accessor: randomUUID() };
    this.tokens.set(id, added);
    return added;
  }

  entityById(id: string): Entity | undefined {
    const entities = [...this.entities.values()];
    return (
      entities.find((entity) => entity.id === id) ??
      entities.find(({ mergedIds = [] }) => mergedIds.includes(id))
    );
  }

  /** The groups that have an entity as a member, and those that have such a group as one. */
  groupsOf(entityId: string): { readonly direct: readonly Group[]; readonly inherited: readonly Group[] } {
    const direct = [...this.groups.values()].filter(({ members }) => members.includes(entityId));
    const found = new Set(direct);
    for (const group of found)
      for (const parent of this.groups.values()) if (parent.groups.includes(group.id)) found.add(parent);
    return { direct, inherited: [...found].filter((group) => !direct.includes(group)) };
  }
}
