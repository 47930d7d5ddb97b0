import type { Delivery, FollowerStore } from '../ports/deliveries.ts';
import type { VaultEntity } from '../ports/vault.ts';
import { PRIVILEGE_ENTRIES } from './privilege-entries.ts';
import { VaultError } from '../ports/vault-error.ts';

/** How far a delivery got that people have to look at: having it tried again says that this ledger is right about the entry. */
export function heldProgress(seq: number): string {
  return `HELD ${seq}`;
}

/** Whether a delivery was held for an earlier entry: nobody has said anything of the one that it is for now. */
export function wasHeldBefore({ progress, entrySeq }: Pick<Delivery, 'progress' | 'entrySeq'>): boolean {
  return progress !== null && progress.startsWith('HELD ') && progress !== heldProgress(entrySeq);
}

/**
 * Whether an entity was last written for an entry that decides over its agent in this ledger; so is one that does not say what
 * it was written for. It is not after a backup was restored, or where another ledger follows into the same Vault.
 */
export async function isOfThisLedger(
  store: Pick<FollowerStore, 'entries'>,
  { agentId, position }: Pick<VaultEntity, 'agentId' | 'position'>,
): Promise<boolean> {
  if (position === null) return true;
  const [entry] = await store.entries(PRIVILEGE_ENTRIES, { after: position - 1, upTo: position, limit: 1 });
  return entry?.agentId === agentId;
}

/** Says of an entity that was written for another ledger what people have to do. */
export function otherLedgerError({ agentId, position }: VaultEntity): VaultError {
  const message =
    `The entity of ${agentId} was written for entry ${String(position)} of another ledger, as before a backup was restored, ` +
    'and may do less than this ledger says. It is not raised. If this ledger is right, run tierkeeper followers --retry vault; ' +
    'if it is not, revoke the agent first.';
  return new VaultError('OTHER_LEDGER', message, false);
}
