import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { updateAgent } from '../../../src/app/commands/update-agent.ts';
import { PROVISIONER_POLICY } from '../../../src/governance/vault/vault-names.ts';
import { PROVISIONER_RULES } from '../../../src/governance/vault/vault-own-policies.ts';
import { vaultPolicyText } from '../../../src/governance/vault/vault-policy.ts';
import { ask } from '../../adapters/vault/given-adapter.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { ADA } from '../../support/given-principal.ts';
import { fileOf, givenDatabase, tell, tierkeeper } from '../given-cli.ts';
import { givenWorld } from './given-vault-world.ts';
import { piped } from '../in-this-process.ts';

describe('vault status', () => {
  it('ends with 0 if Vault is what the ledger says, and changes nothing', async () => {
    const { vault, variables } = await givenWorld();
    for (const agentId of ['eve', 'adam']) await piped(['vault', 'enroll', agentId], variables);
    const written = () =>
      vault.seen.filter(({ operation, path }) => operation === 'update' && path !== 'identity/lookup/entity');
    const writes = written().length;
    const { code, stdout } = await tierkeeper(['vault', 'status'], variables);
    expect([code, stdout]).toEqual([0, '✓ Vault is what the ledger says: 2 agents.\n']);
    expect(written()).toHaveLength(writes);
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
      differences: [],
      unread: ['top'],
    });
  });

  it.each(['renamed', 'grouped'] as const)(
    'ends with 1 and tells by name what became of the entity of an agent that was %s by hand',
    async (situation) => {
      const { vault, variables } = await givenWorld();
      for (const agentId of ['eve', 'adam']) await piped(['vault', 'enroll', agentId], variables);
      const id = vault.state().entities.get('agent-eve')?.id ?? '';
      if (situation === 'renamed') await ask(vault, 'POST', `identity/entity/id/${id}`, { name: 'old-eve' });
      const body = { policies: ['tierkeeper-tier-4'], member_entity_ids: [id] };
      if (situation === 'grouped') await ask(vault, 'POST', 'identity/group/name/operators', body);
      const { code, stdout } = await piped(['vault', 'status'], variables);
      expect([code, stdout]).toEqual([
        1,
        expect.stringMatching(situation === 'renamed' ? /renamed to "old-eve"/ : /groups: "operators"/),
      ]);
    },
  );

  it('ends with 2 and names VAULT_NAMESPACE if Vault has no such namespace', async () => {
    const { vault, variables } = await givenWorld();
    vault.hasNamespaces('team');
    const asked = { ...variables, VAULT_NAMESPACE: 'tema' };
    const { code, json } = await piped(['vault', 'status', '--json'], asked);
    expect([code, json()]).toEqual([
      2,
      {
        error: expect.objectContaining({
          code: 'VAULT_NAMESPACE',
          message: expect.stringContaining('VAULT_NAMESPACE') as string,
        }) as object,
      },
    ]);
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
