import type { LedgerEntryType } from '../governance/entries.ts';
import { readCursor } from '../governance/cursor.ts';
import type { App, Reader, StoredEntry } from './ports.ts';

/** A cursor is malformed, beyond the head, or of another ledger. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
}

const PAGE = 200;

/**
 * The position that a cursor names; without one, the present head.
 * @throws InvalidCursorError
 */
export async function positionOf(reader: Reader, cursor: string | null): Promise<number> {
  if (cursor === null) return (await reader.head()).seq;
  const read = readCursor(cursor);
  if (read === null) throw new InvalidCursorError('The cursor is malformed. Send one that this API gave.');
  const hash = await reader.hashAt(read.seq);
  if (hash === null) throw new InvalidCursorError('The cursor lies beyond the end of the ledger.');
  if (hash !== read.hash)
    throw new InvalidCursorError('The cursor is of another ledger, or of one that was restored.');
  return read.seq;
}

/**
 * Every entry after a position, in order, without a gap or a repetition, then each new one as it is committed. Ends when
 * the consumer stops or the signal aborts. The doorbell only wakes: a ring that is lost costs time, never an entry.
 */
export async function* followLedger(
  app: Pick<App, 'store' | 'doorbell'>,
  from: { readonly seq: number; readonly types?: readonly LedgerEntryType[] },
  signal: AbortSignal,
): AsyncGenerator<StoredEntry, void> {
  const bell = listenTo(app.doorbell, signal);
  try {
    let { seq } = from;
    while (!signal.aborted) {
      bell.reset();
      const { seq: head } = await app.store.reader.head();
      const entries = await app.store.reader.entriesAfter(seq, PAGE, from.types);
      for (const entry of entries) {
        seq = entry.seq;
        yield entry;
      }
      if (entries.length === PAGE) continue;
      seq = Math.max(seq, head);
      await bell.rung();
    }
  } finally {
    bell.stop();
  }
}

/** Registered before the first read, with at most one ring pending. */
function listenTo(doorbell: App['doorbell'], signal: AbortSignal) {
  let pending = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    pending = true;
    wake?.();
  };
  const off = doorbell.listen(ring);
  signal.addEventListener('abort', ring);
  return {
    reset: () => {
      pending = false;
    },
    rung: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
        if (pending) resolve();
      }),
    stop: () => {
      off();
      signal.removeEventListener('abort', ring);
    },
  };
}
