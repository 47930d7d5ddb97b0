import type { Database as Connection } from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { givenEntries, rawConnection, tempDatabase } from '../../support/temp-database.ts';

/** A database with rows in every guarded table: those with higher keys have nothing that refers to them. */
function givenFacts(): { readonly connection: Connection; readonly faults: () => readonly string[] } {
  const { file, database } = tempDatabase();
  const connection = rawConnection(file);
  givenEntries(connection, 1, 2, 3, 4, 5, 6);
  connection.exec(`
    INSERT INTO texts (id, digest, salt, body) VALUES ('t', 'd', 's', 'b'), ('u', 'd', 's', 'b');
    INSERT INTO runs (seq, agent_id, run_id, started_at, finished_at, recorded_at, recorded_by_key, compliant, sent_digest, sent_salt)
    VALUES (2, 'a', 'r', 0, 0, 0, 'p', 1, 'd', 's'), (5, 'a', 'q', 0, 0, 0, 'p', 1, 'd', 's');
    INSERT INTO actions (seq, position, agent_id, type, decision, success, occurred_at, recorded_at)
    VALUES (2, 0, 'a', 'plan', 'EXECUTE', 1, 0, 0);
    INSERT INTO violations (seq, agent_id, violation_id, run_seq, type, severity, description_id, occurred_at, recorded_at, sent_digest, sent_salt)
    VALUES (3, 'a', 'v', 2, 'drift', 'LOW', 't', 0, 0, 'd', 's');
    INSERT INTO candidacies (seq, agent_id, state, from_tier, to_tier, policy_digest, opened_at) VALUES (1, 'a', 'OPEN', 'T0', 'T1', 'd', 0);
    UPDATE ledger_head SET seq = 6, recorded_at = 5`);
  return { connection, faults: () => database.faults() };
}

const ENTRY = 'seq, at, recorded_at, type, actor_key, payload, previous_hash, hash';
const RUN =
  'seq, agent_id, run_id, started_at, finished_at, recorded_at, recorded_by_key, compliant, sent_digest';
const ACTION = 'seq, position, agent_id, type, decision, success, occurred_at, recorded_at';
const VIOLATION = 'seq, agent_id, violation_id, type, severity, occurred_at, recorded_at';

const FORBIDDEN = [
  // The ledger.
  `UPDATE ledger_entries SET payload = 'x' WHERE seq = 6`,
  `UPDATE OR IGNORE ledger_entries SET seq = 9 WHERE seq = 6`,
  `DELETE FROM ledger_entries WHERE seq = 6`,
  `DELETE FROM ledger_entries`,
  `INSERT OR REPLACE INTO ledger_entries (${ENTRY}) VALUES (6, 0, 0, 'AGENT_UPDATED', 'p', '', '', '')`,
  `REPLACE INTO ledger_entries (${ENTRY}) SELECT ${ENTRY} FROM ledger_entries WHERE seq = 6`,
  `INSERT OR REPLACE INTO ledger_entries (rowid, ${ENTRY}) VALUES (6, 9, 0, 0, 'AGENT_UPDATED', 'p', '', '', '')`,
  `INSERT INTO ledger_entries (${ENTRY}) VALUES (6, 0, 0, 'AGENT_UPDATED', 'p', '', '', '') ON CONFLICT (seq) DO UPDATE SET hash = 'x'`,
  // Its head.
  `DELETE FROM ledger_head`,
  `UPDATE ledger_head SET seq = 5`,
  `UPDATE ledger_head SET recorded_at = 4`,
  `UPDATE ledger_head SET id = 2`,
  `INSERT INTO ledger_head (id, seq, hash, recorded_at) VALUES (2, 0, '', 0)`,
  `INSERT INTO ledger_head (seq, hash, recorded_at) VALUES (0, '', 0)`,
  `INSERT OR REPLACE INTO ledger_head (id, seq, hash, recorded_at) VALUES (1, 0, '', 0)`,
  // Runs.
  `DELETE FROM runs WHERE seq = 5`,
  `UPDATE runs SET run_id = 'other' WHERE seq = 5`,
  `UPDATE runs SET finished_at = 1 WHERE seq = 5`,
  `UPDATE OR REPLACE runs SET rowid = 2 WHERE seq = 2`,
  `UPDATE runs SET sent_salt = 'other' WHERE seq = 5`,
  `INSERT OR REPLACE INTO runs (${RUN}) VALUES (5, 'a', 'other', 0, 0, 0, 'p', 1, '')`,
  `INSERT OR REPLACE INTO runs (${RUN}) VALUES (6, 'a', 'q', 0, 0, 0, 'p', 1, '')`,
  `INSERT OR REPLACE INTO runs (rowid, ${RUN}) VALUES (2, 6, 'a', 'other', 0, 0, 0, 'p', 1, '')`,
  // Actions.
  `DELETE FROM actions`,
  `UPDATE actions SET success = 0`,
  `INSERT OR REPLACE INTO actions (${ACTION}) VALUES (2, 0, 'a', 'plan', 'EXECUTE', 0, 0, 0)`,
  `INSERT OR REPLACE INTO actions (rowid, ${ACTION}) VALUES (1, 2, 1, 'a', 'plan', 'EXECUTE', 0, 0, 0)`,
  // Violations.
  `DELETE FROM violations`,
  `UPDATE violations SET severity = 'CRITICAL'`,
  `UPDATE violations SET run_seq = NULL`,
  `UPDATE violations SET sent_digest = 'other'`,
  `INSERT OR REPLACE INTO violations (${VIOLATION}) VALUES (3, 'a', 'w', 'drift', 'LOW', 0, 0)`,
  `INSERT OR REPLACE INTO violations (${VIOLATION}) VALUES (6, 'a', 'v', 'drift', 'LOW', 0, 0)`,
  `INSERT OR REPLACE INTO violations (rowid, ${VIOLATION}) VALUES (1, 6, 'a', 'w', 'drift', 'LOW', 0, 0)`,
  // Texts.
  `DELETE FROM texts WHERE id = 'u'`,
  `UPDATE texts SET body = 'other' WHERE id = 'u'`,
  `UPDATE texts SET salt = 'other' WHERE id = 'u'`,
  `UPDATE texts SET digest = 'other' WHERE id = 'u'`,
  `UPDATE texts SET id = 'other' WHERE id = 'u'`,
  `INSERT OR REPLACE INTO texts (id, digest) VALUES ('u', 'other')`,
  `INSERT OR REPLACE INTO texts (rowid, id, digest) VALUES (2, 'other', 'other')`,
  // What facts refer to, through the references' own updates and deletions.
  `UPDATE agents SET agent_id = 'b'`,
  `DELETE FROM agents`,
  // Candidacies.
  `INSERT INTO candidacies (seq, agent_id, state, from_tier, to_tier, policy_digest, opened_at) VALUES (2, 'a', 'OPEN', 'T0', 'T1', 'd', 0)`,
];

const ALLOWED = [
  `UPDATE ledger_head SET id = id`,
  `UPDATE ledger_head SET seq = seq + 1, hash = 'h', recorded_at = 6`,
  `UPDATE runs SET compliant = 0`,
  `UPDATE runs SET sent_salt = NULL`,
  `UPDATE violations SET sent_digest = NULL, sent_salt = NULL`,
  `UPDATE texts SET body = NULL, salt = NULL`,
  `UPDATE texts SET body = body`,
  `INSERT INTO actions (${ACTION}) VALUES (2, 1, 'a', 'plan', 'EXECUTE', 1, 0, 0)`,
  `UPDATE candidacies SET state = 'LAPSED'`,
];

const TABLES = [
  'ledger_entries',
  'ledger_head',
  'runs',
  'actions',
  'violations',
  'texts',
  'candidacies',
  'agents',
];

function contents(connection: Connection): unknown {
  return TABLES.map((table) => connection.prepare(`SELECT rowid AS place, * FROM ${table}`).all());
}

describe('what is recorded stays as it is', () => {
  test.each(FORBIDDEN)('%s is refused', (statement) => {
    const { connection } = givenFacts();
    const before = contents(connection);
    expect(() => connection.exec(statement)).toThrow();
    expect(contents(connection)).toEqual(before);
  });

  test.each(ALLOWED)('%s is possible', (statement) => {
    const { connection } = givenFacts();
    expect(() => connection.exec(statement)).not.toThrow();
  });

  test('a run that is spoilt never becomes compliant again', () => {
    const { connection } = givenFacts();
    connection.exec('UPDATE runs SET compliant = 0');
    expect(() => connection.exec('UPDATE runs SET compliant = 1')).toThrow();
  });

  test('a blanked text stays blank', () => {
    const { connection } = givenFacts();
    connection.exec('UPDATE texts SET body = NULL, salt = NULL');
    expect(() => connection.exec(`UPDATE texts SET body = 'back'`)).toThrow();
  });
});

describe('a database whose guards are gone or altered is not trusted', () => {
  test('every trigger and index is missed', () => {
    const { connection, faults } = givenFacts();
    expect(faults()).toEqual([]);
    const guards = connection
      .prepare(
        `SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%$_idx' ESCAPE '$'
                AND name NOT LIKE '%$_key' ESCAPE '$' AND type IN ('trigger', 'index')`,
      )
      .all() as { type: string; name: string }[];
    expect(guards.length).toBeGreaterThan(20);
    for (const { type, name } of guards) connection.exec(`DROP ${type} ${name}`);
    expect(new Set(faults())).toEqual(
      new Set(guards.map(({ name }) => `The guard ${name} is missing or altered.`)),
    );
  });

  test('a trigger that does nothing is no guard', () => {
    const { connection, faults } = givenFacts();
    connection.exec(`
      DROP TRIGGER runs_no_delete;
      CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs BEGIN SELECT 1; END`);
    expect(faults()).toEqual(['The guard runs_no_delete is missing or altered.']);
  });
});
