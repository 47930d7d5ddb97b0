import { KnownError } from '../../governance/known-error.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { erasedId } from '../../governance/principals/principal-key.ts';
import type { App } from '../app.ts';
import type { WriteTransaction } from '../ports/store.ts';

/** What to erase: a person by id, a text by id, or the text of an entry. */
export type Erasure =
  | { readonly what: 'PERSON'; readonly id: string }
  | { readonly what: 'TEXT'; readonly id: string }
  | { readonly what: 'ENTRY'; readonly seq: number };

/** What was erased, and the entry that says so; null if it had been erased before. */
export interface Erased {
  readonly erased: 'TEXT' | 'PERSON';
  /** The text's id, or what the person is shown as from now on. */
  readonly id: string;
  readonly seq: number | null;
}

/** There is nothing like that to erase, or it must not be. */
export class ErasureError extends KnownError {
  override readonly name = 'ErasureError';
  readonly code = 'ERASURE';
  readonly retryable = false;
}

/**
 * Blanks a text or a person, for good: what remains of either in the chain is a digest whose salt is gone. Whoever comes
 * back under an erased id is a stranger with a new key; approvals that were given under the old one no longer count.
 * @throws ErasureError, StorageBusyError, StorageUnavailableError
 */
export async function erase(
  app: App,
  operator: Pick<Principal, 'id' | 'kind'>,
  erasure: Erasure,
): Promise<Erased> {
  const found = erasure.what === 'TEXT' ? await entryOf(app, erasure.id) : null;
  const erased = await app.store.write(async (tx) => {
    if (erasure.what === 'PERSON') return erasePerson(tx, operator, erasure.id);
    return eraseText(tx, operator, found ?? (erasure as { readonly seq: number }).seq);
  });
  app.doorbell.ring();
  return erased;
}

/** Looked up before the lock is taken: it may have to read every entry, and none of them changes. */
async function entryOf(app: App, textId: string): Promise<number> {
  const seq = await app.store.reader.entryOfText(textId);
  if (seq === null) throw new ErasureError(`The ledger has no text ${textId}.`);
  return seq;
}

async function erasePerson(
  tx: WriteTransaction,
  operator: Pick<Principal, 'id' | 'kind'>,
  id: string,
): Promise<Erased> {
  const known = await tx.principal(id);
  if (known === null) throw new ErasureError(`The ledger knows nobody called ${id}.`);
  if (known.kind !== 'PERSON')
    throw new ErasureError(`${id} is of kind ${known.kind.toLowerCase()}: only people are erased.`);
  const actor = await tx.actorKey(operator);
  const { seq } = tx.append({
    type: 'TEXT_ERASED',
    at: tx.now,
    agentId: null,
    actor,
    payload: { erased: 'PERSON', id: known.key },
  });
  await tx.flush();
  await tx.blankPrincipal(known.key);
  return { erased: 'PERSON', id: erasedId(known.key), seq };
}

async function eraseText(
  tx: WriteTransaction,
  operator: Pick<Principal, 'id' | 'kind'>,
  entry: number,
): Promise<Erased> {
  const text = await tx.textOfEntry(entry);
  if (text === null)
    throw new ErasureError(`Entry ${entry} holds no free text: no rationale and no description.`);
  if (text.blank) return { erased: 'TEXT', id: text.id, seq: null };
  const actor = await tx.actorKey(operator);
  const { seq } = tx.append({
    type: 'TEXT_ERASED',
    at: tx.now,
    agentId: text.agentId,
    actor,
    payload: { erased: 'TEXT', id: text.id },
  });
  await tx.blankText(text);
  return { erased: 'TEXT', id: text.id, seq };
}
