// Somebody who may write the file takes the guards away, changes something, and puts them back.
import { copyFileSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { entryHash, GENESIS } from '../../../src/governance/ledger/chain.ts';
import { Choices } from './choices.ts';

/** The columns that are proof, by table. What only tells a repetition or shows a kind is none. */
const PROOF: Readonly<Record<string, readonly string[]>> = {
  ledger_entries: [
    'seq',
    'at',
    'recorded_at',
    'type',
    'agent_id',
    'actor_key',
    'payload',
    'previous_hash',
    'hash',
    'to_tier',
  ],
  ledger_head: ['seq', 'hash', 'recorded_at', 'policy_digest'],
  agents: [
    'agent_id',
    'owner_key',
    'tier',
    'tier_since',
    'suspended',
    'registered_at',
    'last_active_at',
    'retired_at',
    'total_runs',
    'compliant_runs',
    'consecutive_runs',
    'total_at_tier',
    'compliant_at_tier',
    'consecutive_at_tier',
    'revocation_cool_down_until',
    'denial_cool_down_until',
    'last_tier_change_seq',
    'last_violation_seq',
    'status',
    'changes_at',
    'eligible_at',
    'eligible_since',
  ],
  runs: [
    'seq',
    'agent_id',
    'run_id',
    'started_at',
    'finished_at',
    'recorded_at',
    'recorded_by_key',
    'compliant',
  ],
  actions: ['seq', 'position', 'agent_id', 'type', 'decision', 'success', 'occurred_at', 'recorded_at'],
  violations: [
    'seq',
    'agent_id',
    'run_seq',
    'type',
    'severity',
    'description_id',
    'occurred_at',
    'recorded_at',
  ],
  candidacies: [
    'seq',
    'agent_id',
    'state',
    'from_tier',
    'to_tier',
    'policy_digest',
    'opened_at',
    'closed_at',
    'closed_seq',
  ],
  approvals: ['seq', 'candidacy_seq', 'principal_key', 'role', 'rationale_id', 'at'],
  recorders: ['agent_id', 'principal_key'],
  former_owners: ['agent_id', 'principal_key', 'until_seq'],
  texts: ['id', 'digest', 'salt', 'body'],
  principals: ['key', 'id', 'salt'],
  policies: ['digest', 'name', 'body', 'adopted_at'],
};

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;
type Tamper = (db: Database, choices: Choices) => string;

/** Each kind gives what it did, in words. */
const KINDS: Readonly<Record<string, Tamper>> = { edit, remove, insert, swap, truncate, rewrite };

/** Copies a ledger and tampers with the copy, as a seed decides; gives what was done. */
export function tamper(file: string, copy: string, seed: number): string {
  const choices = new Choices(seed);
  const kind = choices.pick(Object.keys(KINDS));
  copyFileSync(file, copy);
  const db = new SqliteDatabase(copy);
  try {
    db.pragma('foreign_keys = OFF');
    const guards = db
      .prepare<[], { name: string; sql: string }>(
        `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`,
      )
      .all();
    for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
    const done = untilPossible(() => KINDS[kind]?.(db, choices) ?? '');
    for (const { sql } of guards) db.exec(sql);
    return `${String(seed)}: ${kind} ${done}`;
  } finally {
    db.close();
  }
}

/** Some changes break a constraint: another is tried. */
function untilPossible(change: () => string): string {
  for (;;) {
    try {
      return change();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!code.startsWith('SQLITE_CONSTRAINT')) throw error;
    }
  }
}

function anyRow(db: Database, choices: Choices, table: string): Row & { readonly place: number } {
  const rows = db
    .prepare<[], Row & { readonly place: number }>(`SELECT rowid AS place, * FROM ${table}`)
    .all();
  return choices.pick(rows);
}

function edit(db: Database, choices: Choices): string {
  const table = choices.pick(Object.keys(PROOF));
  const column = choices.pick(PROOF[table] ?? []);
  const row = anyRow(db, choices, table);
  const value = another(row[column] ?? null, choices, otherValues(db, table, column));
  db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(value, row.place);
  return `${table}.${column} of ${String(row.place)}: ${String(row[column])} → ${String(value)}`;
}

function remove(db: Database, choices: Choices): string {
  const table = choices.pick(Object.keys(PROOF).filter((name) => name !== 'ledger_head'));
  const { place } = anyRow(db, choices, table);
  db.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(place);
  return `${table} ${String(place)}`;
}

/** A row like another one, but for its key. */
function insert(db: Database, choices: Choices): string {
  const keys: Readonly<Record<string, string>> = {
    ledger_entries: 'seq',
    runs: 'seq',
    violations: 'seq',
    candidacies: 'seq',
    approvals: 'seq',
    actions: 'position',
    agents: 'agent_id',
    recorders: 'agent_id',
    texts: 'id',
    principals: 'key',
    policies: 'digest',
    former_owners: 'principal_key',
  };
  const table = choices.pick(Object.keys(keys));
  const key = keys[table] ?? '';
  const { place, ...row } = anyRow(db, choices, table);
  const changed: Row = {
    ...row,
    [key]: another(row[key] ?? null, choices, []),
    ...('run_id' in row ? { run_id: 'another' } : {}),
    ...('violation_id' in row ? { violation_id: null } : {}),
    ...('closed_seq' in row ? { closed_seq: null } : {}),
    ...(table === 'principals' ? { id: 'another' } : {}),
  };
  const columns = Object.keys(changed);
  db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  ).run(...Object.values(changed));
  return `${table} like ${String(place)}, ${key} ${String(changed[key])}`;
}

/** What two rows say, exchanged. */
function swap(db: Database, choices: Choices): string {
  const table = choices.pick(['ledger_entries', 'actions', 'texts', 'principals', 'agents', 'runs']);
  const columns: Readonly<Record<string, string>> = {
    ledger_entries: 'payload',
    actions: 'occurred_at',
    texts: 'body',
    principals: 'id',
    agents: 'last_violation_seq',
    runs: 'run_id',
  };
  const column = columns[table] ?? '';
  for (;;) {
    const [a, b] = [anyRow(db, choices, table), anyRow(db, choices, table)];
    if (a[column] === b[column]) continue;
    const set = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`);
    set.run(column === 'id' || column === 'run_id' ? 'meanwhile' : null, a.place);
    set.run(a[column], b.place);
    set.run(b[column], a.place);
    return `${table}.${column} of ${String(a.place)} and ${String(b.place)}`;
  }
}

/** The end is cut off, with all that stands on it, and the head made to fit. */
function truncate(db: Database, choices: Choices): string {
  const end = Number(db.prepare('SELECT max(seq) FROM ledger_entries').pluck().get());
  const left = end - choices.upTo(20) - 1;
  for (const table of ['approvals', 'candidacies', 'violations', 'actions', 'runs', 'ledger_entries'])
    db.prepare(`DELETE FROM ${table} WHERE seq > ?`).run(left);
  db.prepare(
    `UPDATE ledger_head SET (seq, hash, recorded_at) = (SELECT seq, hash, recorded_at FROM ledger_entries WHERE seq = ?)`,
  ).run(left);
  return `after ${String(left)}`;
}

/** An entry says something else, and every hash after it is made to fit. */
function rewrite(db: Database, choices: Choices): string {
  const { seq, at } = anyRow(db, choices, 'ledger_entries');
  db.prepare('UPDATE ledger_entries SET at = ? WHERE seq = ?').run(Number(at) - 1, seq);
  rechain(db);
  return `${String(seq)} a millisecond earlier`;
}

function rechain(db: Database): void {
  const entries = db.prepare<[], EntryColumns>('SELECT * FROM ledger_entries ORDER BY seq').all();
  const set = db.prepare('UPDATE ledger_entries SET previous_hash = ?, hash = ? WHERE seq = ?');
  let last = GENESIS;
  for (const {
    seq,
    at,
    recorded_at: recordedAt,
    type,
    agent_id: agentId,
    actor_key: actor,
    payload,
  } of entries) {
    const rest = { seq, at, recordedAt, type, agentId, actor, payloadText: payload };
    const hash = entryHash(last, rest as Parameters<typeof entryHash>[1]);
    set.run(last, hash, seq);
    last = hash;
  }
  db.prepare('UPDATE ledger_head SET hash = ?').run(last);
}

interface EntryColumns {
  readonly seq: number;
  readonly at: number;
  readonly recorded_at: number;
  readonly type: string;
  readonly agent_id: string | null;
  readonly actor_key: string;
  readonly payload: string;
}

function otherValues(db: Database, table: string, column: string): readonly Value[] {
  return db.prepare<[], Value>(`SELECT DISTINCT ${column} FROM ${table} LIMIT 50`).pluck().all();
}

/** A value unlike the one that is there: another row's, a little more or less, or text with a letter changed. */
function another(value: Value, choices: Choices, others: readonly Value[]): Value {
  const different = others.filter((each) => each !== value);
  if (different.length > 0 && choices.upTo(2) === 0) return choices.pick(different);
  if (value === null) return different.length > 0 ? choices.pick(different) : choices.upTo(1_000_000);
  if (typeof value === 'number')
    return choices.pick([value + 1, value - 1, value + choices.upTo(100_000) + 1]);
  const place = choices.upTo(value.length);
  const letter = choices.pick('0123456789abcdef'.split('').filter((each) => each !== value[place]));
  return value.slice(0, place) + letter + value.slice(place + 1);
}
