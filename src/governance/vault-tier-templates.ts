import type { Tier } from './tier.ts';

/**
 * What a tier may do in Vault unless a team says otherwise, for a KV engine (version 2) at `secret/`: observe, plan, change the
 * sandbox, bounded production, full production.
 */
export const TIER_TEMPLATES = {
  T0: `# T0 observes.
path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}
`,
  T1: `# T1 plans: it reads what plans are made from.
path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}

path "secret/data/plan/*" {
  capabilities = ["read"]
}
`,
  T2: `# T2 changes the sandbox.
path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}

path "secret/data/plan/*" {
  capabilities = ["read"]
}

path "secret/data/sandbox/*" {
  capabilities = ["create", "read", "update"]
}
`,
  T3: `# T3 works in production, within bounds.
path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}

path "secret/data/plan/*" {
  capabilities = ["read"]
}

path "secret/data/sandbox/*" {
  capabilities = ["create", "read", "update"]
}

path "secret/data/production/bounded/*" {
  capabilities = ["read"]
}
`,
  T4: `# T4 works in production.
path "secret/data/observe/*" {
  capabilities = ["read"]
}

path "secret/metadata/observe/*" {
  capabilities = ["read", "list"]
}

path "secret/data/plan/*" {
  capabilities = ["read"]
}

path "secret/data/sandbox/*" {
  capabilities = ["create", "read", "update"]
}

path "secret/data/production/*" {
  capabilities = ["create", "read", "update"]
}
`,
} as const satisfies Readonly<Record<Tier, string>>;
