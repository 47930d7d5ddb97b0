import { isAgentId } from '../agent-id.ts';
import { TIERS, tierOf, type Tier } from '../tier.ts';

/** The AppRole mount that agents log in at: `auth/tierkeeper/`. */
export const VAULT_MOUNT = 'tierkeeper';

/** The one policy that agents' tokens carry. */
export const BASE_POLICY = 'tierkeeper-agent-base';

/** The policy of the server that keeps tiers in Vault, and the role that it logs in by. */
export const SERVER_POLICY = 'tierkeeper-server';
export const SERVER_ROLE = 'server';

/** The policy of whoever sets Vault up and enrolls agents. */
export const PROVISIONER_POLICY = 'tierkeeper-provisioner';

const TIER_POLICY = 'tierkeeper-tier-';
const AGENT = 'agent-';

/** The policy that an agent's entity has at a tier. */
export function tierPolicyName(tier: Tier): string {
  return `${TIER_POLICY}${TIERS.indexOf(tier)}`;
}

/** The tier that policies stand for: null unless they are exactly one, and of a tier. */
export function tierOfPolicies(policies: readonly string[]): Tier | null {
  const [policy, second] = policies;
  if (policy === undefined || second !== undefined || !/^tierkeeper-tier-[0-4]$/.test(policy)) return null;
  return tierOf(Number(policy.slice(TIER_POLICY.length)));
}

/** What an agent's identity entity and its AppRole role are called. */
export function vaultNameOf(agentId: string): string {
  return `${AGENT}${agentId}`;
}

/** The agent of an entity or a role, or null if it is nobody's. */
export function agentOfVaultName(name: string): string | null {
  const agentId = name.startsWith(AGENT) ? name.slice(AGENT.length) : '';
  return isAgentId(agentId) ? agentId : null;
}
