import {
  vaultDifference,
  type LedgerStanding,
  type VaultDifference,
} from '../../governance/vault-difference.ts';
import type { LedgerArchive } from '../ledger-archive.ts';
import type { Vault, VaultEntity } from './ports.ts';

/** An agent that is in Vault what it is not in the ledger, or the other way round. */
export interface ComparedAgent {
  readonly agentId: string;
  readonly difference: VaultDifference;
  readonly ledger: LedgerStanding | null;
  readonly vault: Pick<VaultEntity, 'tier' | 'policies' | 'disabled' | 'position'> | null;
}

/** What comparing comes to. */
export interface VaultComparison {
  /** How many agents the ledger has. */
  readonly agents: number;
  readonly differences: readonly ComparedAgent[];
}

const AT_ONCE = 8;

/**
 * Compares every agent of the ledger and of Vault, and changes neither.
 * @throws VaultError, and what reading the archive does
 */
export async function compareVault(archive: LedgerArchive, vault: Vault): Promise<VaultComparison> {
  const ledger = await archive.read((snapshot) =>
    Promise.resolve(
      new Map([...snapshot.agents()].map(({ state }) => [state.agentId, standingOf(state)] as const)),
    ),
  );
  const known = await vault.agents();
  const agentIds = [...new Set([...ledger.keys(), ...known])].toSorted();
  const isKnown = new Set(known);
  const differences: ComparedAgent[] = [];
  for (let first = 0; first < agentIds.length; first += AT_ONCE) {
    const some = agentIds.slice(first, first + AT_ONCE).map(async (agentId) => {
      const entity = isKnown.has(agentId) ? await vault.entity(agentId) : null;
      return comparedAgent(agentId, ledger.get(agentId) ?? null, entity);
    });
    differences.push(...(await Promise.all(some)).filter((each) => each !== null));
  }
  return { agents: ledger.size, differences };
}

function standingOf({ tier, suspended }: LedgerStanding): LedgerStanding {
  return { tier, suspended };
}

function comparedAgent(
  agentId: string,
  ledger: LedgerStanding | null,
  entity: VaultEntity | null,
): ComparedAgent | null {
  const difference = vaultDifference(ledger, entity);
  if (difference === null) return null;
  if (entity === null) return { agentId, difference, ledger, vault: null };
  const { tier, policies, disabled, position } = entity;
  return { agentId, difference, ledger, vault: { tier, policies, disabled, position } };
}
