import { join } from 'node:path';
import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import { TIERS, type Tier } from '../../governance/tier.ts';
import { VaultPolicyError } from '../../governance/vault/vault-policy-error.ts';
import { parseTierPolicies, type TierPolicies } from '../../governance/vault/vault-tier-policies.ts';
import { readAtMost } from './read-at-most.ts';

/** Some 1,000 rules, each of which is held against each of the tier below. */
const MOST_BYTES = 65_536;

/**
 * The tier policies of a team: `tier-0.hcl` to `tier-4.hcl` in a folder.
 * @throws VaultPolicyError that names the file
 */
export function readVaultPolicies(folder: string): TierPolicies {
  const fileOf = (tier: Tier) => join(folder, `tier-${TIERS.indexOf(tier)}.hcl`);
  const texts = Object.fromEntries(TIERS.map((tier) => [tier, readText(fileOf(tier))]));
  try {
    return parseTierPolicies(texts as Record<Tier, string>);
  } catch (error) {
    if (!(error instanceof VaultPolicyError)) throw error;
    const where = error.tier === null ? `The tier policies in ${folder}` : fileOf(error.tier);
    throw new VaultPolicyError(`${where} can't be used: ${error.message}.`);
  }
}

function readText(file: string): string {
  try {
    const bytes = readAtMost(file, MOST_BYTES);
    if (bytes === null) throw new VaultPolicyError(`${file} can't be used: it is larger than 64 KiB.`);
    return decodedText(bytes);
  } catch (cause) {
    if (cause instanceof VaultPolicyError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (cause instanceof NotTextError)
      throw new VaultPolicyError(`${file} can't be used: it ${cause.message}.`);
    throw new VaultPolicyError(
      `${file} can't be read (${code}). The folder needs tier-0.hcl to tier-4.hcl; begin with what tierkeeper vault policies NAME prints.`,
    );
  }
}
