import { KnownError } from '../../governance/known-error.ts';
import { readCursor, type Cursor } from '../../governance/ledger/cursor.ts';
import type { Reader } from '../ports/store.ts';

/** A cursor is malformed, beyond the head, or of another ledger. */
export class InvalidCursorError extends KnownError {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
  override readonly detail = this.code;
  readonly retryable = false;
}

/**
 * The position that a cursor names; without one, the present head.
 * @throws InvalidCursorError
 */
export async function positionOf(reader: Reader, cursor: string | null): Promise<Cursor> {
  if (cursor === null) return reader.head();
  const read = readCursor(cursor);
  if (read === null) throw new InvalidCursorError('The cursor is malformed. Send one that this API gave.');
  const hash = await reader.hashAt(read.seq);
  if (hash === null) throw new InvalidCursorError('The cursor lies beyond the end of the ledger.');
  if (hash !== read.hash)
    throw new InvalidCursorError('The cursor is of another ledger, or of one that was restored.');
  return read;
}
