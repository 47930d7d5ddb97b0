import SqliteDatabase from 'better-sqlite3';
import { entryHash, GENESIS } from '../../src/governance/ledger/chain.ts';
import type { LedgerEntryType } from '../../src/governance/ledger/entries.ts';
import { DifferentAnswersError } from '../bench.ts';

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly recordedAt: number;
  readonly type: LedgerEntryType;
  readonly agentId: string | null;
  readonly actor: string;
  readonly payloadText: string;
  readonly previousHash: string;
  readonly hash: string;
}

const ENTRIES = `SELECT seq, at, recorded_at AS recordedAt, type, agent_id AS agentId, actor_key AS actor,
  payload AS payloadText, previous_hash AS previousHash, hash FROM ledger_entries ORDER BY seq`;

/**
 * Recomputes the chain of a file from its first entry to its head, and gives how many entries it has.
 * @throws DifferentAnswersError if an entry is missing, doubled or not the one that was chained
 */
export function soundChain(file: string): number {
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    let [count, last] = [0, GENESIS];
    for (const entry of db.prepare<[], EntryRow>(ENTRIES).iterate()) {
      count += 1;
      const { previousHash, hash, ...rest } = entry;
      if (entry.seq !== count || previousHash !== last || hash !== entryHash(last, rest))
        throw new DifferentAnswersError(`The chain breaks at entry ${entry.seq}.`);
      last = hash;
    }
    const head = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM ledger_head').get();
    if (head?.seq !== count || head.hash !== last)
      throw new DifferentAnswersError('The head is not where the chain ends.');
    return count;
  } finally {
    db.close();
  }
}
