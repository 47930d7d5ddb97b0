import { mapConcurrently } from '../map-concurrently.ts';
import {
  vaultDifference,
  type LedgerStanding,
  type VaultDifference,
  type VaultStanding,
} from '../../governance/vault/vault-difference.ts';
import type { LedgerArchive } from '../ports/ledger-archive.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Vault, VaultEntity } from '../ports/vault.ts';
import { VaultError } from '../ports/vault-error.ts';

/** An agent that is in Vault what it is not in the ledger, or the other way round. */
export interface ComparedAgent {
  readonly agentId: string;
  readonly difference: VaultDifference;
  /** What was found, where the difference alone does not say it. */
  readonly why?: string;
  readonly ledger: LedgerStanding | null;
  readonly vault:
    | (Pick<VaultEntity, 'tier' | 'policies' | 'disabled' | 'position'> & Pick<VaultStanding, 'tokenSeconds'>)
    | null;
}

/** What comparing comes to. */
export interface VaultComparison {
  /** How many agents the ledger has. */
  readonly agents: number;
  readonly differences: readonly ComparedAgent[];
  /** Agents in use that can't log in, because no role leads to their entity: no difference, since all may be as it is to be. */
  readonly notEnrolled: readonly string[];
  /** Agents at T4 of whom the token of whoever asks may not read how long tokens live. */
  readonly unread: readonly string[];
}

/** What the ledger says of an agent, and whether anybody is to work as it. */
interface Known {
  readonly standing: LedgerStanding;
  readonly inUse: boolean;
}

/** What comparing one agent comes to. */
interface Found {
  readonly agentId: string;
  readonly compared: ComparedAgent | null;
  readonly isEnrolled: boolean;
  readonly isUnread: boolean;
}

/**
 * Compares every agent of the ledger and of Vault, and changes neither.
 * @throws VaultError, and what reading the archive does
 */
export async function compareVault(archive: LedgerArchive, vault: Vault): Promise<VaultComparison> {
  const ledger = await archive.read((snapshot) =>
    Promise.resolve(
      new Map([...snapshot.agents()].map((agent) => [agent.state.agentId, knownOf(agent)] as const)),
    ),
  );
  const inVault = new Set(await vault.agents());
  const agentIds = [...new Set([...ledger.keys(), ...inVault])].toSorted();
  const found: readonly Found[] = await mapConcurrently(agentIds, (agentId) =>
    comparedAgent(vault, agentId, ledger.get(agentId) ?? null),
  );
  return {
    agents: ledger.size,
    differences: found.flatMap(({ compared }) => compared ?? []),
    notEnrolled: namesOf(
      found.filter(({ agentId, isEnrolled }) => !isEnrolled && ledger.get(agentId)?.inUse),
    ),
    unread: namesOf(found.filter(({ isUnread }) => isUnread)),
  };
}

function namesOf(found: readonly Found[]): readonly string[] {
  return found.map(({ agentId }) => agentId);
}

function knownOf({ state: { tier, suspended }, retiredAt }: AgentRecord): Known {
  return { standing: { tier, suspended }, inUse: !suspended && retiredAt === null };
}

async function comparedAgent(vault: Vault, agentId: string, known: Known | null): Promise<Found> {
  const ledger = known?.standing ?? null;
  const entity = await vault.entity(agentId);
  const isTrusted = entity !== null && ledger?.tier === 'T4';
  const seconds = isTrusted ? await tokenSeconds(vault, agentId) : null;
  const tokens = seconds === 'UNREAD' ? null : seconds;
  return {
    agentId,
    compared: compared(agentId, ledger, entity === null ? null : { ...entity, tokenSeconds: tokens }),
    isEnrolled: entity?.hasLogin ?? false,
    isUnread: seconds === 'UNREAD',
  };
}

/** Whoever may read entities may not be one who may read roles: that hides nothing else. */
async function tokenSeconds(vault: Vault, agentId: string): Promise<number | null | 'UNREAD'> {
  try {
    return await vault.tokenSeconds(agentId);
  } catch (error) {
    if (error instanceof VaultError && error.kind === 'DENIED') return 'UNREAD';
    throw error;
  }
}

function compared(
  agentId: string,
  ledger: LedgerStanding | null,
  entity: (VaultEntity & VaultStanding) | null,
): ComparedAgent | null {
  const difference = vaultDifference(ledger, entity);
  if (difference === null) return null;
  if (entity === null) return { agentId, difference, ledger, vault: null };
  const { tier, policies, disabled, position, tokenSeconds } = entity;
  const held = { tier, policies, disabled, position, tokenSeconds };
  const why = difference === 'MISPLACED' ? entity.misplaced?.why : undefined;
  return { agentId, difference, ledger, vault: held, ...(why === undefined ? {} : { why }) };
}
