import type { Tier } from '../../governance/tier.ts';
import { vaultNameOf } from '../../governance/vault-names.ts';
import type { LedgerArchive } from '../ledger-archive.ts';
import type { Vault } from './ports.ts';
import { isSameRole, type VaultProvisioner } from './provisioner.ts';
import { agentRole } from './roles.ts';

/** An agent that can log in: with its role id, and the secret id that the wrapping token holds. */
export interface EnrolledAgent {
  readonly enrolled: true;
  readonly agentId: string;
  readonly tier: Tier;
  readonly roleId: string;
  readonly wrappingToken: string;
  readonly wrapSeconds: number;
}

/** An agent that was not enrolled, and why. */
export interface NotEnrolled {
  readonly enrolled: false;
  readonly code:
    'AGENT_NOT_FOUND' | 'AGENT_SUSPENDED' | 'AGENT_CHANGED' | 'VAULT_NOT_SET_UP' | 'VAULT_DRIFTED';
  readonly message: string;
}

/** What enrolling works on. */
export interface Enrolling {
  readonly archive: LedgerArchive;
  readonly vault: Vault;
  readonly provisioner: VaultProvisioner;
}

interface Standing {
  readonly tier: Tier;
  readonly suspended: boolean;
  /** The ledger's last entry: what stands there is at least as new. */
  readonly position: number;
}

/**
 * Gives an agent of the ledger an entity at its tier, a role, and a way to log in by it. The way comes last: nobody can use a
 * tier that was given before the ledger took it back.
 * @throws VaultError, and what reading the archive does
 */
export async function enrollAgent(
  world: Enrolling,
  agentId: string,
  wrapSeconds: number,
): Promise<EnrolledAgent | NotEnrolled> {
  const { archive, vault, provisioner } = world;
  const standing = await standingOf(archive, agentId);
  if (standing === null)
    return refused(
      'AGENT_NOT_FOUND',
      `The ledger has no agent ${agentId}. It is registered by its first run.`,
    );
  if (standing.suspended)
    return refused('AGENT_SUSPENDED', `${agentId} is suspended. An admin can reinstate it first.`);
  const mount = await provisioner.mount();
  if (mount?.type !== 'approle')
    return refused(
      'VAULT_NOT_SET_UP',
      'Agents can not log in to this Vault yet. Run: tierkeeper vault setup',
    );
  const problem = await giveEntity(world, agentId, standing);
  if (problem !== null) return problem;
  const name = vaultNameOf(agentId);
  const role = agentRole(standing.tier);
  if (!isSameRole(await provisioner.role(name), role)) await provisioner.writeRole(name, role);
  const roleId = await provisioner.roleId(name);
  await provisioner.link(agentId, { roleId, accessor: mount.accessor });
  const changed = await standingOf(archive, agentId);
  if (changed?.tier !== standing.tier || changed.suspended) return takeBack(vault, agentId, changed);
  const { wrappingToken, ttlSeconds } = await provisioner.issueSecretId(name, wrapSeconds);
  return { enrolled: true, agentId, tier: standing.tier, roleId, wrappingToken, wrapSeconds: ttlSeconds };
}

/** An entity that is there already is the server's to change. */
async function giveEntity(
  { vault }: Enrolling,
  agentId: string,
  { tier, position }: Standing,
): Promise<NotEnrolled | null> {
  const entity = await vault.entity(agentId);
  if (entity === null) {
    await vault.grant(agentId, { tier, position });
    return null;
  }
  if (entity.tier === tier && !entity.disabled) return null;
  const is = entity.disabled ? 'is disabled' : `has ${entity.policies.join(', ') || 'no policy'}`;
  return refused(
    'VAULT_DRIFTED',
    `${agentId} is at ${tier}, but its entity in Vault ${is}. The server puts that right while it runs; then enroll again.`,
  );
}

async function takeBack(vault: Vault, agentId: string, now: Standing | null): Promise<NotEnrolled> {
  await vault.lower(agentId, { tier: now?.tier ?? 'T0', position: now?.position ?? 0 });
  return refused(
    'AGENT_CHANGED',
    `${agentId} changed in the ledger meanwhile. Its entity is disabled until the server has seen to it; then enroll again.`,
  );
}

async function standingOf(archive: LedgerArchive, agentId: string): Promise<Standing | null> {
  return archive.read((snapshot) => {
    for (const { state } of snapshot.agents())
      if (state.agentId === agentId)
        return Promise.resolve({ tier: state.tier, suspended: state.suspended, position: snapshot.head.seq });
    return Promise.resolve(null);
  });
}

function refused(code: NotEnrolled['code'], message: string): NotEnrolled {
  return { enrolled: false, code, message };
}
