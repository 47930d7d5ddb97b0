import type { AgentState } from '../agent-state.ts';
import type { Tier } from '../tier.ts';
import { isSamePrivilege, wantedPrivilege, type VaultPrivilege } from './vault-plan.ts';

/** How an agent stands in Vault. */
export const VAULT_STATUSES = [
  'CONFIRMED',
  'PENDING',
  'FAILED',
  'DRIFTED',
  'DISABLED',
  'NOT_CONFIGURED',
] as const;
/** How an agent stands in Vault. */
export type VaultStatus = (typeof VAULT_STATUSES)[number];

/** An agent in Vault: what the ledger wants, and what Vault was last read back to have. */
export interface VaultState {
  readonly desired: Tier;
  readonly confirmed: Tier | null;
  readonly state: VaultStatus;
  /** Null without Vault. */
  readonly since: number | null;
}

/** What the ledger knows of it. */
export interface KnownOfVault {
  readonly last: {
    readonly type: 'VAULT_CONFIRMED' | 'VAULT_FAILED' | 'VAULT_DRIFTED';
    readonly at: number;
    readonly payload: VaultPrivilege & { readonly position: number };
  } | null;
  readonly confirmed: { readonly payload: VaultPrivilege } | null;
  /** What is being delivered; `progress` is the tier that the entity was lowered to and is disabled with. */
  readonly pending: { readonly decidedAt: number; readonly progress: string | null } | null;
}

/** How an agent stands in Vault; `known` is null where Vault is not configured. */
export function vaultState(
  agent: Pick<AgentState, 'tier' | 'tierSince' | 'suspended' | 'lastTierChangeSeq'>,
  known: KnownOfVault | null,
): VaultState {
  const desired = agent.tier;
  if (known === null) return { desired, confirmed: null, state: 'NOT_CONFIGURED', since: null };
  const { last, pending } = known;
  const confirmed = known.confirmed?.payload.tier ?? null;
  const wanted = wantedPrivilege(agent);
  const isFailed =
    last?.type === 'VAULT_FAILED' &&
    agent.lastTierChangeSeq <= last.payload.position &&
    isSamePrivilege(wanted, last.payload);
  if (pending?.progress === agent.tier && !isFailed)
    return { desired, confirmed: agent.tier, state: 'DISABLED', since: pending.decidedAt };
  const waiting = {
    desired,
    confirmed,
    state: 'PENDING',
    since: pending?.decidedAt ?? agent.tierSince,
  } as const;
  // The tier may have changed and changed back since.
  if (last === null || agent.lastTierChangeSeq > last.payload.position) return waiting;
  if (!isSamePrivilege(wanted, last.payload)) return waiting;
  const since = last.at;
  switch (last.type) {
    case 'VAULT_FAILED':
      return { desired, confirmed, state: 'FAILED', since };
    case 'VAULT_DRIFTED':
      return { desired, confirmed, state: 'DRIFTED', since };
    case 'VAULT_CONFIRMED':
      if (pending !== null) return waiting;
      return { desired, confirmed, state: wanted.disabled ? 'DISABLED' : 'CONFIRMED', since };
    default:
      return last.type satisfies never;
  }
}
