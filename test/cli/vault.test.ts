import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { revokeAgent } from '../../src/app/revoke-agent.ts';
import { updateAgent } from '../../src/app/update-agent.ts';
import { PROVISIONER_POLICY } from '../../src/governance/vault-names.ts';
import { PROVISIONER_RULES } from '../../src/governance/vault-own-policies.ts';
import { vaultPolicyText } from '../../src/governance/vault-policy.ts';
import { ask } from '../adapters/vault/given-adapter.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { ADA, ANN } from '../support/given-principal.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileOf, givenDatabase, tell, tierkeeper, type Variables } from './given-cli.ts';
import { piped } from './in-this-process.ts';

/** The variables of somebody who may set Vault up and enroll, and no more. */
async function givenProvisioner(vault: GivenVault): Promise<Variables> {
  const policy = vaultPolicyText(PROVISIONER_RULES);
  await ask(vault, 'POST', `sys/policies/acl/${PROVISIONER_POLICY}`, { policy });
  const body = { policies: [PROVISIONER_POLICY], no_default_policy: true, ttl: '1h' };
  const created = (await ask(vault, 'POST', 'auth/token/create', body)) as { auth: { client_token: string } };
  return { VAULT_ADDR: vault.address, VAULT_TOKEN: created.auth.client_token };
}

/** A Vault that is set up, and a ledger with eve at T1 and adam at T0. */
async function givenWorld() {
  const vault = await givenVault();
  const database = await givenDatabase(async (app) => {
    await givenEligible(app, 'eve', 'T1');
    await givenEligible(app, 'adam');
  });
  const variables = { ...database, ...(await givenProvisioner(vault)) };
  expect(await piped(['vault', 'setup'], variables)).toMatchObject({ code: 0, stderr: '' });
  return { vault, database, variables };
}

/** Logs in as an enrolled agent does, with what it was handed. */
async function loggedIn(
  vault: GivenVault,
  { roleId, wrappingToken }: { roleId: string; wrappingToken: string },
) {
  const call = async (path: string, token: string, body: unknown) => {
    const init = { method: 'POST', headers: { 'x-vault-token': token }, body: JSON.stringify(body) };
    const response = await fetch(`${vault.address}/v1/${path}`, init);
    return (await response.json()) as {
      data: { secret_id: string };
      auth: { client_token: string; policies: string[] };
    };
  };
  const { data } = await call('sys/wrapping/unwrap', wrappingToken, {});
  const { auth } = await call('auth/tierkeeper/login', '', { role_id: roleId, secret_id: data.secret_id });
  const reads = async (path: string) =>
    (await fetch(`${vault.address}/v1/${path}`, { headers: { 'x-vault-token': auth.client_token } })).status;
  return { secretId: data.secret_id, auth, reads };
}

describe('vault policies', () => {
  it('prints every policy, or one to begin a file with, and needs no Vault', async () => {
    const { stdout, code } = await tierkeeper(['vault', 'policies'], {});
    expect(code).toBe(0);
    expect(stdout.match(/^# \S+$/gm)).toEqual([
      ...[0, 1, 2, 3, 4].map((level) => `# tierkeeper-tier-${level}`),
      ...['# tierkeeper-agent-base', '# tierkeeper-server', '# tierkeeper-provisioner'],
    ]);
    const one = await piped(['vault', 'policies', 'tierkeeper-tier-0'], {});
    expect(one.stdout).toMatch(/^path "secret\/data\/observe\/\*" \{\n {2}capabilities = \["read"\]\n\}\n/);
    expect((await piped(['vault', 'policies', '--json'], {})).json()).toMatchObject({
      policies: { 'tierkeeper-tier-0': one.stdout },
    });
    const none = await piped(['vault', 'policies', 'root'], {});
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('There is no policy root; there are'),
    ]);
  });

  it("are a team's own where a folder has them, unless they give a tier less than the one below", async () => {
    const folder = join(tempFolder(), 'policies');
    mkdirSync(folder);
    const missing = await piped(['vault', 'policies', '--policies', folder], {});
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining("tier-0.hcl can't be read (ENOENT)"),
    ]);
    for (const level of [0, 1, 2, 3, 4]) {
      const { stdout } = await piped(['vault', 'policies', `tierkeeper-tier-${level}`], {});
      writeFileSync(
        join(folder, `tier-${level}.hcl`),
        `# ours\n${stdout}\npath "aws/creds/x" { capabilities = ["read"] }`,
      );
    }
    const own = await piped(['vault', 'policies', 'tierkeeper-tier-3'], {
      TIERKEEPER_VAULT_POLICIES: folder,
    });
    expect(own.stdout).toContain('path "aws/creds/x"');
    writeFileSync(join(folder, 'tier-4.hcl'), readFileSync(join(folder, 'tier-1.hcl')));
    const less = await piped(['vault', 'policies', '--policies', folder, '--json'], {});
    expect(less.code).toBe(2);
    expect(less.json()).toMatchObject({
      error: {
        code: 'VAULT_POLICY',
        message: expect.stringMatching(/T4 must allow what T3 allows, but/) as string,
      },
    });
  });
});

describe('vault setup', () => {
  it('with no more than its own rights writes what is missing, shows it before, and changes nothing the second time', async () => {
    const vault = await givenVault();
    const variables = await givenProvisioner(vault);
    const before = vault.state().policies.size;
    const tried = await piped(['vault', 'setup', '--dry-run'], variables);
    expect([tried.code, vault.state().policies.size, vault.state().mounts.has('tierkeeper')]).toEqual([
      0,
      before,
      false,
    ]);
    expect(tried.stdout).toMatch(/would make 9 changes:\n policy +tierkeeper-tier-0 +create\n/);
    expect(tried.stdout).toContain('+ path "secret/data/observe/*" {');
    expect((await piped(['vault', 'setup'], variables)).stdout).toMatch(/^✓ Set Vault up: 9 changes\.\n/);
    const writes = vault.seen.filter(({ operation }) => operation === 'update').length;
    const again = await piped(['vault', 'setup'], variables);
    expect(again.stdout).toBe('✓ Vault is set up already: nothing to change.\n');
    expect(vault.seen.filter(({ operation }) => operation === 'update')).toHaveLength(writes);
  });

  it('puts right what somebody changed, and shows which lines', async () => {
    const { vault, variables } = await givenWorld();
    const wider = 'path "secret/*" {\n  capabilities = ["read"]\n}\n';
    await ask(vault, 'POST', 'sys/policies/acl/tierkeeper-tier-0', { policy: wider });
    const tried = await piped(['vault', 'setup', '--dry-run'], variables);
    expect(tried.stdout).toMatch(
      /would make 1 change:\n[^]*tierkeeper-tier-0\n- path "secret\/\*" \{\n\+ path "secret\/data\/observe\/\*" \{\n/,
    );
    expect((await piped(['vault', 'setup', '--json'], variables)).json()).toMatchObject({
      dryRun: false,
      changes: [
        { what: 'POLICY', name: 'tierkeeper-tier-0', change: 'UPDATE', before: wider },
        ...Array<object>(8).fill({ change: 'NONE' }),
      ],
    });
    expect(vault.state().policies.get('tierkeeper-tier-0')).not.toContain('secret/*');
  });

  it('refuses a mount that is something else, a token without the rights, and no Vault at all', async () => {
    const vault = await givenVault();
    const variables = await givenProvisioner(vault);
    await ask(vault, 'POST', 'sys/auth/tierkeeper', { type: 'userpass' });
    const other = await piped(['vault', 'setup'], variables);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is mounted as userpass')]);
    vault.state().policies.delete(PROVISIONER_POLICY);
    const denied = await piped(['vault', 'setup'], variables);
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('(VAULT_DENIED)')]);
    await vault.stop();
    const gone = await piped(['vault', 'setup'], variables);
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining("can't be reached: ECONNREFUSED")]);
    const none = await piped(['vault', 'setup'], {});
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('set VAULT_ADDR, and VAULT_TOKEN or'),
    ]);
  });
});

describe('vault enroll', () => {
  it('lets an agent in at the tier of its ledger, by a secret id that only it can unwrap', async () => {
    const { vault, variables } = await givenWorld();
    const { json, code } = await piped(['vault', 'enroll', 'eve', '--wrap-ttl', '1m', '--json'], variables);
    expect(code).toBe(0);
    const handed = json() as { roleId: string; wrappingToken: string };
    expect(handed).toMatchObject({ agentId: 'eve', tier: 'T1', wrapSeconds: 60 });
    const { auth, reads, secretId } = await loggedIn(vault, handed);
    expect(auth.policies).toEqual(['tierkeeper-agent-base']);
    expect(
      await Promise.all(['observe', 'plan', 'sandbox'].map((each) => reads(`secret/data/${each}/x`))),
    ).toEqual([404, 404, 403]);
    await ask(vault, 'POST', 'identity/entity/name/agent-eve', { policies: ['tierkeeper-tier-0'] });
    expect(await reads('secret/data/plan/x')).toBe(403);
    expect(JSON.stringify(handed)).not.toContain(secretId);
  });

  it('can be repeated, and then hands out another one', async () => {
    const { vault, variables } = await givenWorld();
    const { stdout, code } = await piped(['vault', 'enroll', 'eve'], variables);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^✓ eve can log in to Vault, at T1\.\n Role id +\S+\n/),
    ]);
    expect((await piped(['vault', 'enroll', 'eve'], variables)).code).toBe(0);
    expect(vault.state().mounts.get('tierkeeper')?.roles.get('agent-eve')?.secretIds.size).toBe(2);
    expect(vault.state().aliases.size).toBe(1);
  });

  it('refuses whom the ledger does not know, whom it suspended, and whom Vault has otherwise', async () => {
    const { vault, database, variables } = await givenWorld();
    const refusal = async (agentId: string) => {
      const { code, json } = await piped(['vault', 'enroll', agentId, '--json'], variables);
      return [code, (json() as { error: { code: string } }).error.code];
    };
    expect(await refusal('mallory')).toEqual([1, 'AGENT_NOT_FOUND']);
    await ask(vault, 'POST', 'identity/entity/name/agent-adam', { policies: ['tierkeeper-tier-3'] });
    expect(await refusal('adam')).toEqual([1, 'VAULT_DRIFTED']);
    await ask(vault, 'POST', 'identity/entity/name/agent-adam', {
      policies: ['tierkeeper-tier-0'],
      disabled: true,
    });
    expect(await refusal('adam')).toEqual([1, 'VAULT_DRIFTED']);
    const wish = { toTier: 'T0', suspend: true, reason: 'Broke the rules.', idempotencyKey: 'k' } as const;
    await tell(database, (app) => revokeAgent(app, ADA, { agentId: 'eve', ...wish }));
    expect(await refusal('eve')).toEqual([1, 'AGENT_SUSPENDED']);
    vault.state().mounts.delete('tierkeeper');
    expect(await refusal('adam')).toEqual([1, 'VAULT_NOT_SET_UP']);
    expect(vault.state().entities.has('agent-eve')).toBe(false);
  });

  it('hands nothing out if the ledger took the tier back meanwhile', async () => {
    const { vault, database, variables } = await givenWorld();
    const wish = { toTier: 'T0', suspend: false, reason: 'Broke the rules.', idempotencyKey: 'k' } as const;
    vault.meets(async ({ path, operation }) => {
      if (path !== 'identity/entity-alias' || operation !== 'update') return null;
      await tell(database, (app) => revokeAgent(app, ADA, { agentId: 'eve', ...wish }));
      return null;
    });
    const { code, stderr } = await piped(['vault', 'enroll', 'eve'], variables);
    expect([code, stderr]).toEqual([1, expect.stringContaining('changed in the ledger meanwhile')]);
    expect(vault.state().entities.get('agent-eve')).toMatchObject({
      policies: ['tierkeeper-tier-0'],
      disabled: true,
    });
    expect(vault.state().mounts.get('tierkeeper')?.roles.get('agent-eve')?.secretIds.size).toBe(0);
  });

  it.each(['lowered', 'suspended'])(
    'hands nothing out, and destroys it, if the agent is %s after its secret id was issued',
    async (how) => {
      const { vault, database, variables } = await givenWorld();
      const isSuspended = how === 'suspended';
      const wish = { toTier: isSuspended ? 'T1' : 'T0', suspend: isSuspended } as const;
      vault.answered(async ({ path }) => {
        if (path !== 'auth/tierkeeper/role/agent-eve/secret-id') return;
        const input = { agentId: 'eve', ...wish, reason: 'Broke the rules.', idempotencyKey: 'k' };
        await tell(database, (app) => revokeAgent(app, ADA, input));
      });
      const { code, stdout, json } = await piped(['vault', 'enroll', 'eve', '--json'], variables);
      expect([code, json()]).toMatchObject([1, { error: { code: 'AGENT_CHANGED' } }]);
      expect(stdout).not.toContain('hvs.');
      expect(vault.state().mounts.get('tierkeeper')?.roles.get('agent-eve')?.secretIds.size).toBe(0);
      expect(vault.state().entities.get('agent-eve')).toMatchObject({
        policies: [`tierkeeper-tier-${wish.toTier.slice(1)}`],
        disabled: true,
      });
    },
  );

  it('leaves who was promoted meanwhile as it is, and asks to enroll it again', async () => {
    const { vault, database, variables } = await givenWorld();
    vault.meets(async ({ path, operation }) => {
      if (path !== 'identity/entity-alias' || operation !== 'update') return null;
      await tell(database, (app) => promote(app, ANN, 'eve'));
      return null;
    });
    const { code, stderr } = await piped(['vault', 'enroll', 'eve'], variables);
    expect([code, stderr]).toEqual([1, expect.stringContaining('eve was promoted to T2 meanwhile')]);
    expect(vault.state().entities.get('agent-eve')).toMatchObject({
      policies: ['tierkeeper-tier-1'],
      disabled: false,
    });
    vault.heals();
    expect((await piped(['vault', 'enroll', 'eve'], variables)).stderr).toContain('(VAULT_DRIFTED)');
  });

  it('takes no wrapping that lasts too long', async () => {
    for (const duration of ['2h', '0s', '61m', 'long', '5'])
      expect((await piped(['vault', 'enroll', 'eve', '--wrap-ttl', duration], {})).code).toBe(2);
  });
});

describe('vault status', () => {
  it('ends with 0 if Vault is what the ledger says, and changes nothing', async () => {
    const { vault, variables } = await givenWorld();
    for (const agentId of ['eve', 'adam']) await piped(['vault', 'enroll', agentId], variables);
    const writes = vault.seen.filter(({ operation }) => operation === 'update').length;
    const { code, stdout } = await tierkeeper(['vault', 'status'], variables);
    expect([code, stdout]).toEqual([0, '✓ Vault is what the ledger says: 2 agents.\n']);
    expect(vault.seen.filter(({ operation }) => operation === 'update')).toHaveLength(writes);
  });

  it('ends with 1 and names every difference, for people and for programs', async () => {
    const { vault, variables } = await givenWorld();
    await ask(vault, 'POST', 'identity/entity/name/agent-adam', { policies: ['tierkeeper-tier-3'] });
    await ask(vault, 'POST', 'identity/entity/name/agent-mallory', {
      policies: ['tierkeeper-tier-4', 'root'],
    });
    const { code, stdout } = await piped(['vault', 'status'], variables);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Vault is not what the ledger says: 3 differences with 2 agents\.\n/);
    expect(stdout).toMatch(/ adam +T0 +T3 +Vault gives it more than it may have\n/);
    expect((await piped(['vault', 'status', '--json'], variables)).json()).toMatchObject({
      agents: 2,
      differences: [
        {
          agentId: 'adam',
          difference: 'ABOVE',
          ledger: { tier: 'T0' },
          vault: { tier: 'T3', disabled: false },
        },
        { agentId: 'eve', difference: 'NOT_IN_VAULT', vault: null },
        { agentId: 'mallory', difference: 'NOT_IN_LEDGER', ledger: null },
      ],
    });
  });

  it('names who can not log in and what to do, with an entity that is new and one that never had a login', async () => {
    const { vault, database, variables } = await givenWorld();
    await piped(['vault', 'enroll', 'eve'], variables);
    for (const agentId of ['eve', 'adam']) {
      if (agentId === 'eve') await ask(vault, 'DELETE', 'identity/entity/name/agent-eve');
      const policies = [`tierkeeper-tier-${agentId === 'eve' ? 1 : 0}`];
      await ask(vault, 'POST', `identity/entity/name/agent-${agentId}`, { policies });
    }
    const { code, stdout } = await piped(['vault', 'status'], variables);
    expect([code, stdout]).toEqual([
      0,
      "✓ Vault is what the ledger says: 2 agents.\n! Can't log in to Vault before tierkeeper vault enroll AGENT: adam, eve\n",
    ]);
    await piped(['vault', 'enroll', 'eve'], variables);
    const listed = async () => {
      const { json } = await piped(['vault', 'status', '--json'], variables);
      return (json() as { notEnrolled: string[] }).notEnrolled;
    };
    expect(await listed()).toEqual(['adam']);
    await tell(database, (app) =>
      updateAgent(app, ADA, {
        agentId: 'adam',
        owner: null,
        retired: true,
        reason: 'Gone.',
        idempotencyKey: 'r',
      }),
    );
    expect(await listed()).toEqual([]);
  });

  it('tells of tokens that live too long at T4, and of those that its own may not look at', async () => {
    const { vault, database, variables } = await givenWorld();
    await tell(database, (app) => givenEligible(app, 'top', 'T4'));
    const enrolled = await piped(['vault', 'enroll', 'top'], variables);
    expect(enrolled.stdout).toContain('top can log in to Vault, at T4.');
    for (const agentId of ['adam', 'eve']) await piped(['vault', 'enroll', agentId], variables);
    expect((await piped(['vault', 'status'], variables)).code).toBe(0);
    await ask(vault, 'POST', 'auth/tierkeeper/role/agent-top', { token_max_ttl: '1h' });
    const { code, stdout } = await piped(['vault', 'status'], variables);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/ top +T4 +T4 +its tokens may live longer than 15 minutes\n/),
    ]);
    const rules = PROVISIONER_RULES.filter(({ path }) => !path.endsWith('/token-max-ttl'));
    await ask(vault, 'POST', `sys/policies/acl/${PROVISIONER_POLICY}`, { policy: vaultPolicyText(rules) });
    expect(await piped(['vault', 'status'], variables)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        '! How long tokens live at T4 may not be read with this token: top\n',
      ) as string,
    });
    expect((await piped(['vault', 'status', '--json'], variables)).json()).toMatchObject({
      ...{ differences: [], unread: ['top'] },
    });
  });

  it('ends with 3 if Vault does not answer as it should, and makes no database', async () => {
    const { vault, variables } = await givenWorld();
    vault.meets(() => 'SEALED');
    const { code, json } = await piped(['vault', 'status', '--json'], variables);
    expect(code).toBe(3);
    expect(json()).toMatchObject({ error: { code: 'VAULT_SEALED' } });
    const nowhere = await givenDatabase();
    vault.heals();
    const none = await piped(['vault', 'status'], { ...variables, ...nowhere });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is none')]);
    expect(() => readFileSync(fileOf(nowhere))).toThrow();
  });
});
