import type { VaultEntity } from '../../app/ports/vault.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import { AGENT_ID_RULE, isAgentId } from '../../governance/agent-id.ts';
import { tierOfPolicies, VAULT_MOUNT, vaultNameOf } from '../../governance/vault/vault-names.ts';
import { flagOf, optionalFieldsOf, textOf, textsOf, type Fields } from './answers.ts';
import { loginsOf, type ListedEntity } from './listed-entities.ts';
import type { VaultPath } from './requests.ts';

/** One entity as it was read. */
export interface FoundEntity
  extends ListedEntity, Pick<VaultEntity, 'tier' | 'policies' | 'disabled' | 'position'> {
  /** The agent that Tierkeeper wrote it for, from its metadata. */
  readonly agent: string | null;
  readonly groupIds: readonly string[];
}

/** An entity from Vault's answer; null for null. */
export function entityOf(data: Fields | null): FoundEntity | null {
  if (data === null) return null;
  const policies = textsOf(data.policies, 'policies');
  const { tierkeeper_position: position, tierkeeper_agent: agent } = optionalFieldsOf(
    data.metadata,
    'metadata',
  );
  return {
    id: textOf(data.id, 'id'),
    name: textOf(data.name, 'name'),
    policies,
    tier: tierOfPolicies(policies),
    disabled: flagOf(data.disabled, 'disabled'),
    position: typeof position === 'string' && /^\d{1,15}$/.test(position) ? Number(position) : null,
    agent: typeof agent === 'string' ? agent : null,
    ...loginsOf(data.aliases),
    groupIds: textsOf(data.group_ids, 'group_ids'),
  };
}

/** Whether an entity is an agent's own: it has its name, or Tierkeeper wrote it for the agent. */
export function isEntityOf({ name, agent }: FoundEntity, agentId: string): boolean {
  return isNamed(name, agentId) || agent === agentId;
}

/** Vault finds an entity whatever the case of its name, and tells the name as it was once written. */
export function isNamed(name: string, agentId: string): boolean {
  return name.toLowerCase() === vaultNameOf(agentId);
}

/** Where the entity with an agent's name is. */
export function entityPath(agentId: string): VaultPath {
  return ['identity', 'entity', 'name', nameOf(agentId)];
}

/** Where an entity is, whatever it is called. */
export function entityIdPath(id: string): VaultPath {
  return ['identity', 'entity', 'id', id];
}

/** Where the role is that an agent logs in by. */
export function rolePath(agentId: string): VaultPath {
  return ['auth', VAULT_MOUNT, 'role', nameOf(agentId)];
}

/** Checked before any path is made: an id may come from anywhere. */
function nameOf(agentId: string): string {
  if (isAgentId(agentId)) return vaultNameOf(agentId);
  throw new VaultError(
    'REFUSED',
    `Nothing is asked of Vault for a name that no agent may have: ${AGENT_ID_RULE}`,
    false,
  );
}
