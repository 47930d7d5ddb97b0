import { GENESIS } from '../../governance/ledger/chain.ts';
import { readCursor, writeCursor } from '../../governance/ledger/cursor.ts';
import type { EntryRow, LedgerArchive, LedgerSnapshot } from '../ports/ledger-archive.ts';
import { InvalidCursorError } from '../feed/position-of.ts';

/**
 * An entry as it leaves the ledger: with `cursor`, exactly what its hash covers, so that the chain can be verified anywhere.
 * Instants are UTC milliseconds; people are opaque keys, and free texts only their digests: an export holds nothing that
 * could have to be erased.
 */
export interface ExportedEntry {
  readonly cursor: string;
  readonly seq: number;
  readonly at: number;
  readonly recordedAt: number;
  readonly type: string;
  readonly agentId: string | null;
  readonly actor: string;
  readonly payload: unknown;
  readonly previousHash: string;
  readonly hash: string;
}

const PAGE = 1_000;

/**
 * The entries after a cursor, or all, up to where the ledger ends as it begins. Each page is read for itself, so that a
 * slow reader keeps no moment of the database alive.
 * @throws InvalidCursorError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function* exportLedger(
  archive: LedgerArchive,
  after: string | null,
): AsyncGenerator<ExportedEntry, void> {
  const begin = await archive.read((snapshot) =>
    Promise.resolve({ seq: after === null ? 0 : seqOf(snapshot, after), end: snapshot.head.seq }),
  );
  for (let { seq } = begin; seq < begin.end;) {
    const page = await archive.read((snapshot) => Promise.resolve(pageOf(snapshot, seq)));
    for (const entry of page) if (entry.seq <= begin.end) yield exported(entry);
    const last = page.at(-1);
    if (last === undefined) return;
    ({ seq } = last);
  }
}

function pageOf(snapshot: LedgerSnapshot, after: number): readonly EntryRow[] {
  const page: EntryRow[] = [];
  for (const entry of snapshot.entries(after)) {
    page.push(entry);
    if (page.length === PAGE) break;
  }
  return page;
}

function exported(entry: EntryRow): ExportedEntry {
  const { seq, at, recordedAt, type, agentId, previousHash, hash } = entry;
  const payload: unknown = JSON.parse(entry.payload);
  const rest = { actor: entry.actorKey, payload, previousHash, hash };
  return { cursor: writeCursor(entry), seq, at, recordedAt, type, agentId, ...rest };
}

function seqOf(snapshot: LedgerSnapshot, cursor: string): number {
  const read = readCursor(cursor);
  if (read === null) throw new InvalidCursorError('The cursor is malformed. Send one that this ledger gave.');
  const hash = read.seq === 0 ? GENESIS : (hashAt(snapshot, read.seq) ?? '');
  if (hash.startsWith(read.hash) && read.seq <= snapshot.head.seq) return read.seq;
  throw new InvalidCursorError('The cursor is of another ledger, or of one that was restored.');
}

function hashAt(snapshot: LedgerSnapshot, seq: number): string | null {
  for (const entry of snapshot.entries(seq - 1)) return entry.seq === seq ? entry.hash : null;
  return null;
}
