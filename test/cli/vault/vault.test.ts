import { describe, expect, it } from 'vitest';
import { revokeAgent } from '../../../src/app/commands/revoke-agent.ts';
import { PROVISIONER_POLICY } from '../../../src/governance/vault/vault-names.ts';
import { ask } from '../../adapters/vault/given-adapter.ts';
import { givenVault, type GivenVault } from '../../support/fake-vault/given-vault.ts';
import { promote } from '../../support/given-agent.ts';
import { ADA, ANN } from '../../support/given-principal.ts';
import { tell } from '../given-cli.ts';
import { givenProvisioner, givenWorld } from './given-vault-world.ts';
import { piped } from '../in-this-process.ts';

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
      /would make 1 change:\n[^]*tierkeeper-tier-0\n- path "secret\/\*" \{\n- {3}capabilities = \["read"\]\n- \}\n\+ path "secret\/data\/observe\/\*" \{\n/,
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

  it('shows what a path allows where another path has allowed as much', async () => {
    const { vault, variables } = await givenWorld();
    const changed = (vault.state().policies.get('tierkeeper-tier-4') ?? '').replace(
      /(production\/\*" \{\n {2}capabilities = )\[.*\]/,
      '$1["read"]',
    );
    await ask(vault, 'POST', 'sys/policies/acl/tierkeeper-tier-4', { policy: changed });
    const { stdout } = await piped(['vault', 'setup', '--dry-run'], variables);
    expect(stdout.slice(stdout.lastIndexOf('tierkeeper-tier-4'))).toBe(`tierkeeper-tier-4
- path "secret/data/production/*" {
-   capabilities = ["read"]
- }
+ path "secret/data/production/*" {
+   capabilities = ["create", "read", "update"]
+ }
`);
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
    for (const hostile of ['../../sys/policies/acl/x', 'EVE', 'eve ', 'e'.repeat(5_000)])
      expect(await refusal(hostile)).toEqual([2, 'VALIDATION']);
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
