import { expect, it } from 'vitest';
import { ask, givenServerRole } from '../../adapters/vault/given-adapter.ts';
import { FAULTS } from '../../support/fake-vault/faults.ts';
import { givenVault, type GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { givenDatabase, tierkeeper, type Variables } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

const COMMANDS = [
  ['vault', 'policies'],
  ['vault', 'setup', '--dry-run'],
  ['vault', 'setup'],
  ['vault', 'enroll', 'eve'],
  ['vault', 'status'],
  ['vault', 'enroll', 'eve', '--json'],
  ['vault', 'status', '--json'],
];

/** Everything that nobody may read: what it was started with, each token, and each secret id. */
function secretsOf(vault: GivenVault, variables: Variables): readonly string[] {
  const { VAULT_TOKEN: token, VAULT_SECRET_ID: secretId } = variables;
  const issued = [...(vault.state().mounts.get('tierkeeper')?.roles.values() ?? [])];
  const tokens = [...vault.state().tokens.values()].filter(({ wrapped }) => wrapped === null);
  return [
    ...[token, secretId].filter((each) => each !== undefined),
    ...issued.flatMap(({ secretIds }) => [...secretIds.values()].map((each) => each.secretId)),
    ...tokens.map(({ id }) => id),
  ];
}

async function givenWorld() {
  const vault = await givenVault();
  const database = await givenDatabase((app) => givenEligible(app, 'eve', 'T1'));
  const { roleId, secretId } = await givenServerRole(vault, { token_policies: ['root'] });
  const place = { ...database, VAULT_ADDR: vault.address, LOG_LEVEL: 'trace' };
  const byRole = { ...place, VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId };
  return { vault, byToken: { ...place, VAULT_TOKEN: vault.rootToken }, byRole };
}

it('a token or a secret id is found in nothing that a command prints, however much it is asked to tell', async () => {
  const { vault, byToken, byRole } = await givenWorld();
  const told: string[] = [];
  for (const variables of [byToken, byRole])
    for (const args of COMMANDS) {
      const { stdout, stderr } = await piped(args, variables);
      told.push(stdout, stderr);
    }
  for (const [args, variables] of [
    [['vault', 'enroll', 'eve'], byToken],
    [['vault', 'status'], byRole],
  ] as const) {
    const { stdout, stderr, code } = await tierkeeper(args, { ...variables, DEBUG: '*' });
    expect(code).toBe(0);
    told.push(stdout, stderr);
  }
  expect(told.join('')).toContain('Wrapped secret id');
  const secrets = secretsOf(vault, byRole);
  expect(secrets.length).toBeGreaterThan(8);
  for (const secret of secrets) expect(told.join('\n')).not.toContain(secret);
});

it('nor in what it says of any fault, or of a Vault that repeats what it was sent', async () => {
  const { vault, byToken, byRole } = await givenWorld();
  await ask(vault, 'POST', 'sys/policies/acl/tierkeeper-tier-0', { policy: '' });
  const told: string[] = [];
  const tell = async (variables: Variables) => {
    const { stdout, stderr, code } = await piped(['vault', 'status', '--json'], variables);
    expect(code).not.toBe(0);
    told.push(stdout, stderr);
  };
  for (const fault of FAULTS.filter((each) => each !== 'SLOW')) {
    vault.meets(() => fault);
    for (const variables of [byToken, byRole]) await tell(variables);
  }
  vault.heals();
  for (const status of [200, 400, 403, 404, 429, 500, 503])
    for (const variables of [byToken, byRole]) {
      const echo = Object.values(variables).join(' ');
      vault.answersWith(status, JSON.stringify({ errors: [echo], data: { keys: echo, name: echo }, echo }));
      await tell(variables);
      vault.answersWith(status, echo);
      await tell(variables);
    }
  expect(told.join('')).toContain('…');
  for (const secret of secretsOf(vault, byToken)) expect(told.join('\n')).not.toContain(secret);
  expect(told.join('\n')).not.toContain(byRole.VAULT_SECRET_ID);
});
