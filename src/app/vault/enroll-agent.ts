import { AGENT_ID_RULE, isAgentId } from '../../governance/agent-id.ts';
import { isBelow, type Tier } from '../../governance/tier.ts';
import { vaultNameOf } from '../../governance/vault/vault-names.ts';
import type { LedgerArchive } from '../ports/ledger-archive.ts';
import type { Vault } from '../ports/vault.ts';
import { isSameRole, type VaultProvisioner } from '../ports/vault-provisioner.ts';
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
    | 'VALIDATION'
    | 'AGENT_NOT_FOUND'
    | 'AGENT_SUSPENDED'
    | 'AGENT_CHANGED'
    | 'VAULT_NOT_SET_UP'
    | 'VAULT_DRIFTED';
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
  /** The entry that gave it this tier. */
  readonly tierChange: number;
  /** The ledger's last entry: what stands there is at least as new. */
  readonly position: number;
}

/**
 * Gives an agent of the ledger an entity at its tier, a role, and a way to log in by it. The ledger is looked at again before
 * the way is issued and before it is handed out: whatever took trust back destroys what was issued before, and is seen here
 * otherwise.
 * @throws VaultError, and what reading the archive does
 */
export async function enrollAgent(
  world: Enrolling,
  agentId: string,
  wrapSeconds: number,
): Promise<EnrolledAgent | NotEnrolled> {
  const { archive, provisioner } = world;
  if (!isAgentId(agentId)) return refused('VALIDATION', `No agent has such a name: ${AGENT_ID_RULE}.`);
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
  const before = await standingOf(archive, agentId);
  if (isOther(standing, before)) return takeBack(world, agentId, { standing, now: before });
  const { wrappingToken, ttlSeconds } = await provisioner.issueSecretId(name, wrapSeconds);
  const after = await standingOf(archive, agentId);
  if (isOther(standing, after)) return takeBack(world, agentId, { standing, now: after });
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
  if (entity.misplaced != null)
    return refused('VAULT_DRIFTED', `${agentId} can't be enrolled: ${entity.misplaced.why}`);
  if (entity.tier === tier && !entity.disabled) return null;
  const is = entity.disabled ? 'is disabled' : `has ${entity.policies.join(', ') || 'no policy'}`;
  return refused(
    'VAULT_DRIFTED',
    `${agentId} is at ${tier}, but its entity in Vault ${is}. The server puts that right while it runs; then enroll again.`,
  );
}

function isOther(standing: Standing, now: Standing | null): boolean {
  return now?.tierChange !== standing.tierChange || now.suspended;
}

/** Nothing is handed out. Who rose meanwhile keeps what it has; everybody else can do nothing until the server has seen to it. */
async function takeBack(
  { vault, provisioner }: Enrolling,
  agentId: string,
  { standing, now }: { readonly standing: Standing; readonly now: Standing | null },
): Promise<NotEnrolled> {
  if (now !== null && !now.suspended && isBelow(standing.tier, now.tier)) {
    await provisioner.writeRole(vaultNameOf(agentId), agentRole(now.tier));
    return refused('AGENT_CHANGED', `${agentId} was promoted to ${now.tier} meanwhile. Enroll it again.`);
  }
  await vault.lower(agentId, { tier: now?.tier ?? 'T0', position: now?.position ?? 0 });
  await vault.destroySecretIds(agentId);
  return refused(
    'AGENT_CHANGED',
    `${agentId} changed in the ledger meanwhile: its secret ids are destroyed, and its entity is disabled until the server has seen to it. Then enroll again.`,
  );
}

async function standingOf(archive: LedgerArchive, agentId: string): Promise<Standing | null> {
  return archive.read((snapshot) => {
    for (const { state } of snapshot.agents())
      if (state.agentId === agentId)
        return Promise.resolve({
          tier: state.tier,
          suspended: state.suspended,
          tierChange: state.lastTierChangeSeq,
          position: snapshot.head.seq,
        });
    return Promise.resolve(null);
  });
}

function refused(code: NotEnrolled['code'], message: string): NotEnrolled {
  return { enrolled: false, code, message };
}
