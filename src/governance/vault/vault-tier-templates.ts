import type { Tier } from '../tier.ts';

const OBSERVE = `path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}
`;

const PLAN = `${OBSERVE}
path "secret/data/plan/*" {
  capabilities = ["read"]
}
`;

const SANDBOX = `${PLAN}
path "secret/data/sandbox/*" {
  capabilities = ["create", "read", "update"]
}
`;

/**
 * What a tier may do in Vault unless a team says otherwise, for a KV engine (version 2) at `secret/`: observe, plan, change the
 * sandbox, bounded production, full production.
 */
export const TIER_TEMPLATES: Readonly<Record<Tier, string>> = {
  T0: `# T0 observes.\n${OBSERVE}`,
  T1: `# T1 plans: it reads what plans are made from.\n${PLAN}`,
  T2: `# T2 changes the sandbox.\n${SANDBOX}`,
  T3: `# T3 works in production, within bounds.
${SANDBOX}
path "secret/data/production/bounded/*" {
  capabilities = ["read"]
}
`,
  T4: `# T4 works in production.
${SANDBOX}
path "secret/data/production/*" {
  capabilities = ["create", "read", "update"]
}
`,
};
