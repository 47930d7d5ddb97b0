import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TIERS, type Tier } from '../../governance/tier.ts';
import { VaultPolicyError } from '../../governance/vault-policy-error.ts';
import { parseTierPolicies, type TierPolicies } from '../../governance/vault-tier-policies.ts';

/**
 * The tier policies of a team: `tier-0.hcl` to `tier-4.hcl` in a folder.
 * @throws VaultPolicyError
 */
export function readVaultPolicies(folder: string): TierPolicies {
  const texts = Object.fromEntries(TIERS.map((tier, level) => [tier, readText(folder, `tier-${level}.hcl`)]));
  try {
    return parseTierPolicies(texts as Record<Tier, string>);
  } catch (error) {
    if (!(error instanceof VaultPolicyError)) throw error;
    throw new VaultPolicyError(`The tier policies in ${folder} can't be used. ${error.message}.`);
  }
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new VaultPolicyError(
      `${join(folder, name)} can't be read (${code}). The folder needs tier-0.hcl to tier-4.hcl; begin with what tierkeeper vault policies NAME prints.`,
    );
  }
}
