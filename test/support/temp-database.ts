import { join } from 'node:path';
import BetterSqlite3, { type Database as Connection } from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { openDatabase, type OpenOptions } from '../../src/adapters/sqlite/open-database.ts';
import { tempFolder } from './temp-folder.ts';

/** A real database in a file of its own, closed when the test ends. */
export function tempDatabase(options: OpenOptions = {}): {
  readonly file: string;
  readonly database: SqliteDatabase;
} {
  const file = join(tempFolder(), 'tierkeeper.db');
  const { database } = openDatabase(file, { absent: 'create', ...options });
  onTestFinished(() => database.close());
  return { file, database };
}

/** A connection of somebody else's to a file, closed when the test ends. */
export function rawConnection(file: string, options: BetterSqlite3.Options = {}): Connection {
  const connection = new BetterSqlite3(file, options);
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/** Rows that facts refer to: the principal `p`, the agent `a`, and an entry of type AGENT_REGISTERED at each `seq`. */
export function givenEntries(connection: Connection, ...seqs: readonly number[]): void {
  connection.exec(`
    INSERT INTO principals (key, id, kind) SELECT 'p', 'pat', 'PERSON' WHERE NOT EXISTS (SELECT 1 FROM principals);
    INSERT INTO agents (agent_id, tier, tier_since, suspended, registered_at, total_runs, compliant_runs, consecutive_runs,
      total_at_tier, compliant_at_tier, consecutive_at_tier, last_tier_change_seq, last_violation_seq, status)
    VALUES ('a', 'T0', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'NOT_ELIGIBLE') ON CONFLICT DO NOTHING`);
  const entry = connection.prepare(`
    INSERT INTO ledger_entries (seq, at, recorded_at, type, agent_id, actor_key, payload, previous_hash, hash)
    VALUES (?, 0, 0, 'AGENT_REGISTERED', 'a', 'p', '{}', '', '')`);
  for (const seq of seqs) entry.run(seq);
}
