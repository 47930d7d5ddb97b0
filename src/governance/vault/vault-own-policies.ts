import { TIERS } from '../tier.ts';
import {
  BASE_POLICY,
  PROVISIONER_POLICY,
  SERVER_POLICY,
  tierPolicyName,
  VAULT_MOUNT,
} from './vault-names.ts';
import { T4_TOKEN_SECONDS } from './vault-token-life.ts';
import type { VaultParameters, VaultPolicy, VaultRule } from './vault-policy.ts';

const ENTITY = 'identity/entity/name/agent-*';
const ROLE = `auth/${VAULT_MOUNT}/role/+`;

/** The longest that an agent's token lives, and at T4. */
export const TOKEN_MAX_TTL = '1h';
export const TOKEN_MAX_TTL_AT_T4 = `${T4_TOKEN_SECONDS / 60}m`;

/** Whatever holds a token needs to keep it, and to know what it is. */
const OWN_TOKEN: VaultPolicy = [
  { path: 'auth/token/lookup-self', capabilities: ['read'] },
  { path: 'auth/token/renew-self', capabilities: ['update'] },
  { path: 'auth/token/revoke-self', capabilities: ['update'] },
];

/** What every agent's token carries: itself, and nothing that a tier gives. Leases can't be renewed: they end. */
export const BASE_RULES: VaultPolicy = [
  ...OWN_TOKEN,
  { path: 'sys/capabilities-self', capabilities: ['update'] },
];

/** An entity is given a tier's policy or none, never another one. */
const ENTITY_PARAMETERS: VaultParameters = {
  policies: TIERS.map(tierPolicyName),
  metadata: [],
  disabled: [true, false],
};

/** What is needed to find an agent's entity by what it logs in with, and to read and lower that one, whatever it is called. */
const FOUND: VaultPolicy = [
  { path: 'sys/auth', capabilities: ['read'] },
  { path: `${ROLE}/role-id`, capabilities: ['read'] },
  {
    path: 'identity/lookup/entity',
    capabilities: ['create', 'update'],
    allowedParameters: { alias_name: [], alias_mount_accessor: [] },
  },
  {
    path: 'identity/entity/id/+',
    capabilities: ['read', 'update'],
    allowedParameters: ENTITY_PARAMETERS,
  },
  { path: 'identity/group/id/+', capabilities: ['read'] },
];

const LISTED = (path: string): VaultPolicy => [
  { path, capabilities: ['list'] },
  { path: `${path}/`, capabilities: ['list'] },
];

const DESTROYED: VaultRule = {
  path: `${ROLE}/secret-id-accessor/destroy`,
  capabilities: ['create', 'update'],
  allowedParameters: { secret_id_accessor: [] },
};

const CAPPED: VaultRule = {
  path: `${ROLE}/token-max-ttl`,
  capabilities: ['create', 'read', 'update'],
  allowedParameters: { token_max_ttl: [TOKEN_MAX_TTL, TOKEN_MAX_TTL_AT_T4] },
};

/** What the server needs to make Vault follow the ledger, and nothing that would let it use a tier itself. */
export const SERVER_RULES: VaultPolicy = [
  ...OWN_TOKEN,
  {
    path: ENTITY,
    capabilities: ['create', 'read', 'update'],
    allowedParameters: ENTITY_PARAMETERS,
  },
  ...LISTED('identity/entity/name'),
  ...LISTED('identity/entity/id'),
  ...FOUND,
  // A role could give its agent more than the entity does.
  { path: ROLE, capabilities: ['read'] },
  ...LISTED(`${ROLE}/secret-id`),
  DESTROYED,
  CAPPED,
];

/** The policies that setting up writes. Whoever provisions can't write their own. */
const WRITTEN = [...TIERS.map(tierPolicyName), BASE_POLICY, SERVER_POLICY];

/** What setting up and enrolling need. Secret ids come wrapped only. */
export const PROVISIONER_RULES: VaultPolicy = [
  ...OWN_TOKEN,
  ...WRITTEN.map((name): VaultRule => ({
    path: `sys/policies/acl/${name}`,
    capabilities: ['create', 'read', 'update'],
  })),
  ...FOUND,
  { path: `sys/auth/${VAULT_MOUNT}`, capabilities: ['create', 'update', 'sudo'] },
  {
    path: ENTITY,
    capabilities: ['create', 'read', 'update'],
    allowedParameters: ENTITY_PARAMETERS,
  },
  ...LISTED('identity/entity/name'),
  ...LISTED('identity/entity/id'),
  {
    path: 'identity/entity-alias',
    capabilities: ['create', 'update'],
    allowedParameters: { name: [], canonical_id: [], mount_accessor: [] },
  },
  {
    path: ROLE,
    capabilities: ['create', 'read', 'update'],
    allowedParameters: {
      token_policies: [BASE_POLICY, SERVER_POLICY],
      token_type: ['service'],
      token_ttl: [],
      token_max_ttl: [],
      token_no_default_policy: [true],
      bind_secret_id: [true],
      secret_id_ttl: [],
    },
  },
  {
    path: `${ROLE}/secret-id`,
    capabilities: ['create', 'update'],
    minWrappingTtl: '1s',
    maxWrappingTtl: '1h',
  },
  // To take back what was issued; asked with the slash, and so without a wrapping.
  { path: `${ROLE}/secret-id/`, capabilities: ['list'] },
  DESTROYED,
  CAPPED,
];

/** The policies that are not a team's to edit, by name. */
export const OWN_POLICIES: Readonly<Record<string, VaultPolicy>> = {
  [BASE_POLICY]: BASE_RULES,
  [SERVER_POLICY]: SERVER_RULES,
  [PROVISIONER_POLICY]: PROVISIONER_RULES,
};
