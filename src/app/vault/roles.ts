import type { Tier } from '../../governance/tier.ts';
import { BASE_POLICY, SERVER_POLICY } from '../../governance/vault/vault-names.ts';
import { T4_TOKEN_SECONDS } from '../../governance/vault/vault-token-life.ts';
import type { VaultRole } from '../ports/vault-provisioner.ts';

const MINUTES = 60;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

const ROLE = { noDefaultPolicy: true, tokenType: 'service', bindSecretId: true } as const;

/** How an agent logs in: its tokens carry no tier, and live for an hour at most, at T4 for 15 minutes. */
export function agentRole(tier: Tier): VaultRole {
  const tokenMaxTtl = tier === 'T4' ? T4_TOKEN_SECONDS : HOURS;
  return { ...ROLE, policies: [BASE_POLICY], tokenTtl: 15 * MINUTES, tokenMaxTtl, secretIdTtl: 30 * DAYS };
}

/** How the server logs in. */
export const SERVER_ROLE_SETTINGS: VaultRole = {
  ...ROLE,
  policies: [SERVER_POLICY],
  tokenTtl: HOURS,
  tokenMaxTtl: DAYS,
  secretIdTtl: 0,
};
