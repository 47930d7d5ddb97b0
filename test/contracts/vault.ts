// contracts/ holds suites that every adapter of a port, or every server of a kind, must pass. This one says what Tierkeeper
// relies on in Vault; the Vault that tests use passes it, and so must a real one.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

/** A Vault with a token that may do everything, and a KV engine (version 2) at `secret/`. */
export interface VaultAccess {
  readonly address: string;
  readonly token: string;
}

interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was answered. */
interface Called {
  readonly status: number;
  readonly body: {
    readonly errors?: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
    readonly auth?: Readonly<Record<string, unknown>>;
    readonly wrap_info?: Readonly<Record<string, unknown>>;
  };
}

type Call = (method: string, path: string, options?: CallOptions) => Promise<Called>;

function calling({ address, token: standard }: VaultAccess): Call {
  return async (method, path, { body, token = standard, headers = {} } = {}) => {
    const init = { method, headers: { 'x-vault-token': token, ...headers } };
    const response = await fetch(
      `${address}/v1/${path}`,
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    );
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Called['body']) };
  };
}

/** Declares the suite; `open` is asked once a test. */
export function vaultContract(name: string, open: () => Promise<VaultAccess>): void {
  const given = async () => {
    const call = calling(await open());
    const own = `tk-${randomBytes(6).toString('hex')}`;
    return { call, own, entity: `identity/entity/name/agent-${own}`, role: `auth/${own}/role/agent-${own}` };
  };
  describe(name, () => {
    describeEntities(given);
    describeRoles(given);
    describePolicies(given);
  });
}

type Given = () => Promise<{
  readonly call: Call;
  readonly own: string;
  readonly entity: string;
  readonly role: string;
}>;

function describeEntities(given: Given): void {
  it('finds no entity that does not exist, and says so without an error', async () => {
    const { call, entity } = await given();
    expect(await call('GET', entity)).toEqual({ status: 404, body: { errors: [] } });
  });

  it('answers an entity as it is made, and nothing as it is changed', async () => {
    const { call, entity } = await given();
    const made = await call('POST', entity, { body: { policies: 'tierkeeper-tier-1' } });
    expect([made.status, typeof made.body.data?.id]).toEqual([200, 'string']);
    expect(await call('POST', entity, { body: { disabled: true } })).toEqual({ status: 204, body: {} });
    expect((await call('GET', entity)).body.data?.aliases).toEqual([]);
    await call('DELETE', entity);
  });

  it('changes of an entity only what is sent, and that as a whole', async () => {
    const { call, entity } = await given();
    const post = (body: unknown) => call('POST', entity, { body });
    const data = async () => (await call('GET', entity)).body.data;
    const rest = { metadata: { a: '1', b: '2' }, disabled: true };
    await post({ policies: 'tierkeeper-tier-3', ...rest });
    expect(await data()).toMatchObject({ policies: ['tierkeeper-tier-3'], ...rest });
    await post({ policies: ['tierkeeper-tier-1'], metadata: { a: '3' } });
    const after = await data();
    expect(after).toMatchObject({ policies: ['tierkeeper-tier-1'], disabled: true });
    expect(after?.metadata).toEqual({ a: '3' });
    await post({ disabled: false });
    expect(await data()).toMatchObject({
      policies: ['tierkeeper-tier-1'],
      metadata: { a: '3' },
      disabled: false,
    });
    await call('DELETE', entity);
  });

  it('keeps the policies of an entity that is renamed by its id, and finds it by its new name', async () => {
    const { call, own, entity } = await given();
    const made = await call('POST', entity, { body: { policies: own } });
    const byId = `identity/entity/id/${String(made.body.data?.id)}`;
    expect((await call('POST', byId, { body: { name: `was-${own}` } })).status).toBe(204);
    expect((await call('GET', entity)).status).toBe(404);
    expect((await call('GET', byId)).body.data).toMatchObject({ name: `was-${own}`, policies: [own] });
    const listed = await call('LIST', 'identity/entity/id');
    expect(listed.body.data?.key_info).toMatchObject({
      [String(made.body.data?.id)]: { name: `was-${own}`, aliases: [] },
    });
    await call('DELETE', `identity/entity/name/was-${own}`);
  });

  it('tells of an entity the groups that it is in, directly and through others', async () => {
    const { call, own, entity } = await given();
    const { data } = (await call('POST', entity, { body: {} })).body;
    const inner = await call('POST', 'identity/group', {
      body: { name: `in-${own}`, member_entity_ids: [data?.id] },
    });
    const outer = await call('POST', 'identity/group', {
      body: { name: `out-${own}`, member_group_ids: [inner.body.data?.id], policies: [own] },
    });
    const [direct, inherited] = [inner, outer].map(({ body }) => body.data?.id);
    const groups = { direct_group_ids: [direct], inherited_group_ids: [inherited] };
    const member = await call('GET', entity);
    expect(member.body.data).toMatchObject({ ...groups, group_ids: [direct, inherited] });
    const group = await call('GET', `identity/group/id/${String(inherited)}`);
    expect(group.body.data).toMatchObject({ name: `out-${own}`, policies: [own] });
    for (const id of [direct, inherited]) await call('DELETE', `identity/group/id/${String(id)}`);
    await call('DELETE', entity);
  });

  it('finds an entity by its alias, also once the alias was merged into another, whose policies its tokens then get', async () => {
    const world = await given();
    const { call, own, entity } = world;
    const { accessor, roleId } = await givenMount(world);
    const policy = `path "secret/data/${own}/*" { capabilities = ["read"] }`;
    await call('POST', `sys/policies/acl/${own}`, { body: { policy } });
    await call('POST', `secret/data/${own}/a`, { body: { data: { b: 'c' } } });
    const from = (await call('POST', entity, { body: {} })).body.data?.id;
    const body = { name: roleId, canonical_id: from, mount_accessor: accessor };
    await call('POST', 'identity/entity-alias', { body });
    const alias = { alias_name: roleId, alias_mount_accessor: accessor };
    const found = async () => (await call('POST', 'identity/lookup/entity', { body: alias })).body.data?.id;
    expect(await found()).toBe(from);
    const { login } = await loggedIn(world, roleId);
    const token = String((await login()).body.auth?.client_token);
    const other = `identity/entity/name/other-${own}`;
    const into = (await call('POST', other, { body: { policies: own } })).body.data?.id;
    const merge = { from_entity_ids: [from], to_entity_id: into };
    expect((await call('POST', 'identity/entity/merge', { body: merge })).status).toBe(204);
    expect([await found(), (await call('GET', entity)).status]).toEqual([into, 404]);
    expect((await call('GET', `secret/data/${own}/a`, { token })).status).toBe(200);
    for (const path of [other, `sys/auth/${own}`, `sys/policies/acl/${own}`, `secret/metadata/${own}/a`])
      await call('DELETE', path);
    const unknown = await call('POST', 'identity/lookup/entity', { body: alias });
    expect(unknown).toEqual({ status: 204, body: {} });
  });

  it('lists entities by the method LIST and by a query', async () => {
    const { call, own, entity } = await given();
    await call('POST', entity, { body: {} });
    for (const [method, query] of [
      ['LIST', ''],
      ['GET', '?list=true'],
    ] as const) {
      const { status, body } = await call(method, `identity/entity/name${query}`);
      expect([status, body.data?.keys]).toEqual([200, expect.arrayContaining([`agent-${own}`])]);
    }
    await call('DELETE', entity);
  });
}

async function givenMount({ call, own, role }: Awaited<ReturnType<Given>>, settings: object = {}) {
  expect((await call('POST', `sys/auth/${own}`, { body: { type: 'approle' } })).status).toBe(204);
  const standard = { token_policies: '', token_no_default_policy: true, token_type: 'service' };
  const body = { ...standard, token_ttl: '15m', token_max_ttl: '1h', secret_id_ttl: '1h', ...settings };
  expect((await call('POST', role, { body })).status).toBe(204);
  const mounts = await call('GET', 'sys/auth');
  const roleId = await call('GET', `${role}/role-id`);
  return {
    accessor: (mounts.body.data?.[`${own}/`] as { readonly accessor: string }).accessor,
    roleId: String(roleId.body.data?.role_id),
  };
}

async function loggedIn({ call, own, role }: Awaited<ReturnType<Given>>, roleId: string) {
  const issued = await call('POST', `${role}/secret-id`, { body: {} });
  const { secret_id: secretId, secret_id_accessor: accessor } = issued.body.data ?? {};
  const login = () =>
    call('POST', `auth/${own}/login`, { body: { role_id: roleId, secret_id: secretId }, token: '' });
  return { login, accessor };
}

function describeRoles(given: Given): void {
  it('refuses a mount where there is one, and lists none of nothing', async () => {
    const world = await given();
    const { call, own, role } = world;
    await givenMount(world);
    const again = await call('POST', `sys/auth/${own}`, { body: { type: 'approle' } });
    expect([again.status, again.body.errors?.[0]]).toEqual([400, expect.stringContaining('already in use')]);
    expect(await call('LIST', `${role}/secret-id`)).toEqual({ status: 404, body: { errors: [] } });
    expect(await call('GET', `${role}x`)).toEqual({ status: 404, body: { errors: [] } });
    expect(await call('GET', `${role}x/token-max-ttl`)).toEqual({ status: 404, body: { errors: [] } });
    const unknown = await call('LIST', `${role}x/secret-id`);
    expect([unknown.status, unknown.body.errors?.[0]]).toEqual([
      400,
      expect.stringContaining('does not exist'),
    ]);
    await call('DELETE', `sys/auth/${own}`);
  });

  it('lists and destroys secret ids by their accessors, and lets nobody in by one that is destroyed', async () => {
    const world = await given();
    const { call, own, role } = world;
    const { roleId } = await givenMount(world);
    const { login, accessor } = await loggedIn(world, roleId);
    expect((await login()).status).toBe(200);
    expect((await call('LIST', `${role}/secret-id`)).body.data).toEqual({ keys: [accessor] });
    const body = { secret_id_accessor: accessor };
    expect((await call('POST', `${role}/secret-id-accessor/lookup`, { body })).status).toBe(200);
    expect((await call('POST', `${role}/secret-id-accessor/destroy`, { body })).status).toBe(204);
    expect((await call('LIST', `${role}/secret-id`)).status).toBe(404);
    expect((await login()).status).toBe(400);
    await call('DELETE', `sys/auth/${own}`);
  });

  it('wraps a secret id on demand, and unwraps it once', async () => {
    const world = await given();
    const { call, own, role } = world;
    await givenMount(world);
    const headers = { 'x-vault-wrap-ttl': '60s' };
    const { body } = await call('POST', `${role}/secret-id`, { body: {}, headers });
    expect([body.data ?? null, body.wrap_info?.ttl]).toEqual([null, 60]);
    const token = String(body.wrap_info?.token);
    const unwrapped = await call('POST', 'sys/wrapping/unwrap', { token });
    expect([unwrapped.status, typeof unwrapped.body.data?.secret_id]).toEqual([200, 'string']);
    expect((await call('POST', 'sys/wrapping/unwrap', { token })).status).toBe(400);
    await call('DELETE', `sys/auth/${own}`);
  });

  it('keeps how long tokens may live, and no shorter than they do at first', async () => {
    const world = await given();
    const { call, own, role } = world;
    await givenMount(world);
    const set = (ttl: string) => call('POST', `${role}/token-max-ttl`, { body: { token_max_ttl: ttl } });
    expect((await set('15m')).status).toBe(204);
    expect((await call('GET', `${role}/token-max-ttl`)).body.data).toEqual({ token_max_ttl: 900 });
    expect((await set('1m')).status).toBe(400);
    expect((await call('GET', role)).body.data).toMatchObject({
      token_max_ttl: 900,
      token_ttl: 900,
      token_no_default_policy: true,
      token_type: 'service',
    });
    await call('DELETE', `sys/auth/${own}`);
  });
}

function describePolicies(given: Given): void {
  it('keeps a policy as it was written, and refuses what it does not understand', async () => {
    const { call, own } = await given();
    const path = `sys/policies/acl/${own}`;
    const policy = '# a comment\npath "secret/data/x" {\n  capabilities = ["read"]\n}\n';
    expect(await call('GET', path)).toEqual({ status: 404, body: { errors: [] } });
    expect((await call('POST', path, { body: { policy } })).status).toBe(204);
    expect((await call('GET', path)).body.data).toMatchObject({ name: own, policy });
    expect((await call('POST', path, { body: { policy: 'path "x" {' } })).status).toBe(400);
    await call('DELETE', path);
  });

  it('asks at every request what the entity of a token may do, and lets none in that is disabled', async () => {
    const world = await given();
    const { call, own, entity } = world;
    const { accessor, roleId } = await givenMount(world);
    const policy = `path "secret/data/${own}/*" { capabilities = ["read"] }`;
    await call('POST', `sys/policies/acl/${own}`, { body: { policy } });
    await call('POST', `secret/data/${own}/a`, { body: { data: { b: 'c' } } });
    const made = await call('POST', entity, { body: {} });
    const alias = { name: roleId, canonical_id: made.body.data?.id, mount_accessor: accessor };
    expect((await call('POST', 'identity/entity-alias', { body: alias })).status).toBe(200);
    expect((await call('GET', entity)).body.data?.aliases).toMatchObject([
      { name: roleId, mount_accessor: accessor, mount_type: 'approle', mount_path: `auth/${own}/` },
    ]);
    const { login } = await loggedIn(world, roleId);
    const { auth } = (await login()).body;
    expect(auth).toMatchObject({ lease_duration: 900, renewable: true });
    const token = String(auth?.client_token);
    const reads = async () => (await call('GET', `secret/data/${own}/a`, { token })).status;
    const set = (body: unknown) => call('POST', entity, { body });
    expect(await reads()).toBe(403);
    await set({ policies: own });
    expect(await reads()).toBe(200);
    await set({ disabled: true });
    expect([await reads(), (await login()).status]).toEqual([403, 403]);
    await set({ disabled: false });
    expect([await reads(), (await login()).status]).toEqual([200, 200]);
    await set({ policies: '' });
    expect(await reads()).toBe(403);
    await call('DELETE', entity);
    await set({});
    expect((await call('GET', entity)).body.data?.aliases).toEqual([]);
    for (const path of [entity, `sys/auth/${own}`, `sys/policies/acl/${own}`, `secret/metadata/${own}/a`])
      await call('DELETE', path);
  });

  const POLICY = (own: string) => `
    path "secret/data/${own}/*" { capabilities = ["create", "update", "read"] }
    path "secret/data/${own}/+/inner" { capabilities = ["deny"] }
    path "secret/data/${own}/closed/*" { capabilities = ["deny"] }
    path "secret/data/${own}/closed/open" { capabilities = ["read"] }
    path "identity/entity/name/agent-${own}*" {
      capabilities = ["create", "update"]
      allowed_parameters = {
        "policies" = ["a", "b"]
        "disabled" = [true]
        "metadata" = []
      }
    }
    path "auth/token/lookup-self" { capabilities = ["read"] }
    path "auth/token/renew-self" { capabilities = ["update"] }
    path "auth/${own}/role/+/secret-id" {
      capabilities = ["create", "update"]
      min_wrapping_ttl = "1s"
      max_wrapping_ttl = "1h"
    }
    path "auth/${own}/role/+/secret-id/" { capabilities = ["list"] }
    path "identity/entity/name" { capabilities = ["list"] }`;

  const givenToken = async ({ call, own }: Awaited<ReturnType<Given>>) => {
    await call('POST', `sys/policies/acl/${own}`, { body: { policy: POLICY(own) } });
    const body = { policies: [own], no_default_policy: true, ttl: '10m', renewable: true };
    const { auth } = (await call('POST', 'auth/token/create', { body })).body;
    return String(auth?.client_token);
  };

  it('obeys the most specific path alone, and deny there', async () => {
    const world = await given();
    const { call, own } = world;
    const token = await givenToken(world);
    const reads = async (path: string) => (await call('GET', `secret/data/${own}/${path}`, { token })).status;
    expect([await reads('any'), await reads('x/inner'), await reads('x/inner/more')]).toEqual([
      404, 403, 404,
    ]);
    expect([await reads('closed/x'), await reads('closed/open')]).toEqual([403, 404]);
    expect((await call('DELETE', `secret/data/${own}/any`, { token })).status).toBe(403);
    await call('DELETE', `sys/policies/acl/${own}`);
  });

  it('lets only those parameters through that a policy names, with its values', async () => {
    const world = await given();
    const { call, own, entity } = world;
    const token = await givenToken(world);
    const post = async (body: unknown) => (await call('POST', entity, { body, token })).status;
    expect(await post({ policies: 'a', metadata: { any: 'thing' }, disabled: true })).toBe(200);
    expect(await post({ policies: 'b' })).toBe(204);
    for (const body of [
      { policies: 'c' },
      { policies: 'a,c' },
      { policies: ['a'] },
      { disabled: false },
      { id: 'x' },
    ])
      expect(await post(body)).toBe(403);
    expect((await call('GET', entity, { token })).status).toBe(403);
    expect((await call('LIST', 'identity/entity/name', { token })).status).toBe(200);
    for (const path of [entity, `sys/policies/acl/${own}`]) await call('DELETE', path);
  });

  it('hands out only wrapped what must be wrapped, and lists by a path with a slash', async () => {
    const world = await given();
    const { call, own, role } = world;
    await givenMount(world);
    const token = await givenToken(world);
    const issue = async (headers: Readonly<Record<string, string>> = {}) =>
      (await call('POST', `${role}/secret-id`, { body: {}, token, headers })).status;
    expect([
      await issue(),
      await issue({ 'x-vault-wrap-ttl': '5m' }),
      await issue({ 'x-vault-wrap-ttl': '2h' }),
    ]).toEqual([403, 200, 403]);
    expect((await call('LIST', `${role}/secret-id`, { token })).status).toBe(200);
    for (const path of [`sys/auth/${own}`, `sys/policies/acl/${own}`]) await call('DELETE', path);
  });

  it('tells a token about itself, renews it, and refuses one that does not exist', async () => {
    const world = await given();
    const { call, own } = world;
    const token = await givenToken(world);
    const found = await call('GET', 'auth/token/lookup-self', { token });
    expect(found.body.data).toMatchObject({ policies: [own], renewable: true, creation_ttl: 600 });
    const renewed = await call('POST', 'auth/token/renew-self', { token, body: {} });
    expect(renewed.body.auth).toMatchObject({ lease_duration: 600, renewable: true });
    expect((await call('GET', 'auth/token/lookup-self', { token: 'hvs.nobody' })).status).toBe(403);
    expect((await call('GET', 'sys/health', { token: '' })).status).toBe(200);
    await call('DELETE', `sys/policies/acl/${own}`);
  });
}
