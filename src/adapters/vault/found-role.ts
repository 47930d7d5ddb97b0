import type { Misplacement } from '../../governance/vault/vault-plan.ts';
import { BASE_POLICY } from '../../governance/vault/vault-names.ts';
import { flagOf, secondsOf, textOf, textsOf } from './answers.ts';
import { rolePath } from './found-entity.ts';
import type { Calls } from './vault-client.ts';

/** The role that an agent logs in by, as it was read. */
export interface FoundRole {
  readonly roleId: string;
  /** What its tokens carry beside the policy of all agents, whatever their entity has. */
  readonly policies: readonly string[];
  /** Whether a secret id is needed to log in. */
  readonly isBound: boolean;
  /** Whether its tokens can be renewed without end. */
  readonly isEndless: boolean;
}

/**
 * The role of an agent, with its id or one that is known already; null without one.
 * @throws VaultError
 */
export async function readRole(
  calls: Calls,
  agentId: string,
  knownId: string | null = null,
): Promise<FoundRole | null> {
  const path = rolePath(agentId);
  const [id, role] = await Promise.all([
    knownId === null ? calls.read([...path, 'role-id']) : Promise.resolve({ role_id: knownId }),
    calls.read(path),
  ]);
  if (id === null || role === null) return null;
  // Roles that were made before Vault 1.2 tell their policies and their period by the older names.
  const given = [...textsOf(role.token_policies, 'token_policies'), ...textsOf(role.policies, 'policies')];
  const periods = [role.token_period ?? 0, role.period ?? 0];
  const byDefault = flagOf(role.token_no_default_policy, 'token_no_default_policy') ? [] : ['default'];
  return {
    roleId: textOf(id.role_id, 'role_id'),
    policies: [...new Set([...given, ...byDefault])].filter((each) => each !== BASE_POLICY),
    isBound: flagOf(role.bind_secret_id, 'bind_secret_id'),
    isEndless: periods.some((period) => secondsOf(period, 'token_period') > 0),
  };
}

/** Why the role of an agent keeps it from being confirmed, with what puts that right. */
export function roleFlaw(role: FoundRole | null, agentId: string): Misplacement | null {
  if (role === null) return null;
  const { policies, isBound, isEndless } = role;
  const told = (why: string, fields: string) =>
    `${why}. Put it right: vault write ${rolePath(agentId).join('/')} ${fields}`;
  if (policies.length > 0) {
    const named = policies.map((each) => each.slice(0, 100)).join(', ');
    const why = `The role of ${agentId} gives its tokens more than the policy of all agents: ${named}`;
    const fields = `token_policies=${BASE_POLICY} token_no_default_policy=true`;
    return { why: told(why, fields), givesMore: true };
  }
  if (!isBound) {
    const why = `The role of ${agentId} lets in whoever knows its id`;
    return { why: told(why, 'bind_secret_id=true'), givesMore: true };
  }
  if (!isEndless) return null;
  const why = `Tokens of the role of ${agentId} can be renewed without end`;
  return { why: told(why, 'token_period=0'), givesMore: false };
}
