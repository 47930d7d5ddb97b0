import { KnownError } from '../governance/known-error.ts';
import { openLedgerArchive } from '../adapters/sqlite/ledger-archive.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { readVaultPolicies } from '../adapters/system/read-vault-policies.ts';
import { compareVault, type VaultComparison } from '../app/vault/compare-vault.ts';
import { enrollAgent, type EnrolledAgent, type NotEnrolled } from '../app/vault/enroll-agent.ts';
import { setUpVault, type VaultSetUp } from '../app/vault/set-up-vault.ts';
import type { openVaultProvisioning } from '../adapters/vault/open-vault.ts';
import type { Config } from '../config/config.ts';
import { databaseFileOf } from '../config/database-file.ts';
import { TIERS } from '../governance/tier.ts';
import { PROVISIONER_POLICY, tierPolicyName } from '../governance/vault/vault-names.ts';
import { OWN_POLICIES } from '../governance/vault/vault-own-policies.ts';
import { vaultPolicyText } from '../governance/vault/vault-policy.ts';
import { parseTierPolicies } from '../governance/vault/vault-tier-policies.ts';
import { TIER_TEMPLATES } from '../governance/vault/vault-tier-templates.ts';

/** A command needs a Vault, and none is configured. */
class VaultNotConfiguredError extends KnownError {
  override readonly name = 'VaultNotConfiguredError';
  readonly code = 'VAULT_NOT_CONFIGURED';
  readonly retryable = false;
  constructor() {
    super('No Vault is configured: set VAULT_ADDR, and VAULT_TOKEN or VAULT_ROLE_ID and VAULT_SECRET_ID.');
  }
}

/**
 * The text of every policy by its name: those of the tiers, from the configured folder or the templates, and our own.
 * @throws VaultPolicyError
 */
export function vaultPolicies({ vaultPoliciesFolder: folder }: Config): ReadonlyMap<string, string> {
  const tiers = folder === null ? parseTierPolicies(TIER_TEMPLATES) : readVaultPolicies(folder);
  const ofTiers = TIERS.map((tier) => [tierPolicyName(tier), tiers[tier]] as const);
  return new Map(
    [...ofTiers, ...Object.entries(OWN_POLICIES)].map(([name, rules]) => [name, vaultPolicyText(rules)]),
  );
}

/**
 * Sets the configured Vault up, or says what that would change.
 * @throws VaultNotConfiguredError, VaultPolicyError, VaultCertificateError, VaultError
 */
export async function setUp(config: Config, options: { readonly dryRun: boolean }): Promise<VaultSetUp> {
  const policies = new Map(vaultPolicies(config));
  // Whoever provisions must not widen what they may do: an administrator of Vault writes that one.
  policies.delete(PROVISIONER_POLICY);
  return withVault(config, ({ provisioner }) => setUpVault(provisioner, policies, options));
}

/**
 * Enrolls an agent of the ledger in the configured Vault.
 * @throws VaultNotConfiguredError, VaultCertificateError, VaultError, and what reading the ledger does
 */
export async function enroll(
  config: Config,
  agentId: string,
  wrapSeconds: number,
): Promise<EnrolledAgent | NotEnrolled> {
  return withVault(config, (world) =>
    enrollAgent({ ...world, archive: archiveOf(config) }, agentId, wrapSeconds),
  );
}

/**
 * Compares the ledger with the configured Vault.
 * @throws what `enroll` does
 */
export async function compare(config: Config): Promise<VaultComparison> {
  return withVault(config, ({ vault }) => compareVault(archiveOf(config), vault));
}

async function withVault<T>(
  { vault: settings }: Config,
  work: (world: ReturnType<typeof openVaultProvisioning>) => Promise<T>,
): Promise<T> {
  if (settings === null) throw new VaultNotConfiguredError();
  const { openVaultProvisioning } = await import('../adapters/vault/open-vault.ts');
  const world = openVaultProvisioning(settings, { clock: systemClock });
  try {
    return await work(world);
  } finally {
    world.close();
  }
}

function archiveOf(config: Config) {
  return openLedgerArchive(databaseFileOf(config));
}
