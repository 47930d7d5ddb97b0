// What must hold of every ledger whatever was done: recomputed here from the rows of the file alone.
import { createHash } from 'node:crypto';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import canonicalize from 'canonicalize';
import { expect } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import type { Verdict } from '../../../src/governance/ledger/entries.ts';
import { evaluate } from '../../../src/governance/evaluation.ts';
import type { Policy } from '../../../src/governance/policy.ts';
import { runDigest, violationDigest, type Action } from '../../../src/governance/run.ts';
import type { Severity } from '../../../src/governance/severity.ts';
import { soundAgents } from './sound-agents.ts';

/** An entry as its row holds it. */
export interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly recorded_at: number;
  readonly type: string;
  readonly agent_id: string | null;
  readonly actor_key: string;
  readonly payload: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly to_tier: string | null;
}

/** What to hold a ledger against: the instant of the last look, and the policy in force. */
export interface Sound {
  readonly now: number;
  readonly policy: Policy;
}

/** Fails unless the ledger of a file is sound: its chain, its facts, its agents and their stored answers. So `verify` must find it. */
export async function soundLedger(file: string, sound: Sound): Promise<void> {
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    const entries = db.prepare<[], EntryRow>('SELECT * FROM ledger_entries ORDER BY seq').all();
    soundChain(db, entries);
    soundFacts(db, entries);
    soundVerdicts(entries, sound.policy);
    soundAgents(db, entries, sound);
  } finally {
    db.close();
  }
  const { problems } = await verifyLedger(openLedgerArchive(file));
  expect(problems).toEqual({ total: 0, byKind: {}, listed: [] });
}

/** Gap-free from 1 on, each entry chained to the one before, and the head where the chain ends. */
function soundChain(db: Database, entries: readonly EntryRow[]): void {
  let previous = { hash: '0'.repeat(64), recorded_at: 0 };
  entries.forEach((entry, index) => {
    const { seq, at, recorded_at: recordedAt, type, agent_id: agentId, actor_key: actor, payload } = entry;
    const rest = canonicalize({ seq, at, recordedAt, type, agentId, actor, payload });
    const hash = createHash('sha256')
      .update(`${previous.hash}${String(rest)}`)
      .digest('hex');
    const stored = { seq, previous: entry.previous_hash, hash: entry.hash };
    expect(stored).toEqual({ seq: index + 1, previous: previous.hash, hash });
    expect(recordedAt, 'recordedAt goes back').toBeGreaterThanOrEqual(previous.recorded_at);
    expect(at, 'an entry says what is not yet').toBeLessThanOrEqual(recordedAt);
    expect(payload).toBe(canonicalize(JSON.parse(payload)));
    previous = entry;
  });
  const head = db.prepare('SELECT seq, hash, recorded_at FROM ledger_head').get();
  expect(head).toEqual({
    seq: entries.length,
    hash: previous.hash,
    recorded_at: entries.length === 0 ? 0 : previous.recorded_at,
  });
}

interface RunRow {
  readonly seq: number;
  readonly agentId: string;
  readonly runId: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly recordedByKey: string;
}

interface ViolationRow {
  readonly seq: number;
  readonly agentId: string;
  readonly runSeq: number | null;
  readonly type: string;
  readonly severity: Severity;
  readonly occurredAt: number;
  readonly digest: string | null;
}

interface ActionRow extends Omit<Action, 'success'> {
  readonly success: number;
}

/** One entry per run and per violation, which covers its rows. */
function soundFacts(db: Database, entries: readonly EntryRow[]): void {
  const of = (type: string) => entries.filter((entry) => entry.type === type);
  const actions = db.prepare<[number], ActionRow>(
    'SELECT type, decision, success, occurred_at AS occurredAt FROM actions WHERE seq = ? ORDER BY position',
  );
  const runs = db
    .prepare<[], RunRow>(
      `SELECT seq, agent_id AS agentId, run_id AS runId, started_at AS startedAt, finished_at AS finishedAt,
        recorded_by_key AS recordedByKey FROM runs ORDER BY seq`,
    )
    .all();
  const recorded = runs.map((run) => {
    const done = actions.all(run.seq).map((action) => ({ ...action, success: action.success === 1 }));
    return [run.seq, run.agentId, run.recordedByKey, run.runId, runDigest({ ...run, actions: done })];
  });
  const said = of('RUN_RECORDED').map((entry) => {
    const { runId, digest } = JSON.parse(entry.payload) as { runId: string; digest: string };
    return [entry.seq, entry.agent_id, entry.actor_key, runId, digest];
  });
  expect(said).toEqual(recorded);
  const violations = db
    .prepare<[], ViolationRow>(
      `SELECT v.seq, agent_id AS agentId, run_seq AS runSeq, type, severity, occurred_at AS occurredAt, t.digest
       FROM violations v LEFT JOIN texts t ON t.id = v.description_id ORDER BY v.seq`,
    )
    .all();
  const reported = of('VIOLATION_REPORTED').map((entry) => {
    const { run, digest } = JSON.parse(entry.payload) as { run: number | null; digest: string };
    return [entry.seq, entry.agent_id, run, digest];
  });
  const covered = violations.map(({ digest, seq, agentId, runSeq, ...rest }) => {
    const description = digest === null ? null : { id: '', digest };
    return [seq, agentId, runSeq, violationDigest(agentId, { ...rest, description })];
  });
  expect(reported).toEqual(covered);
}

/** The facts of a decision, under its policy, give its verdict again. */
function soundVerdicts(entries: readonly EntryRow[], policy: Policy): void {
  for (const { payload } of entries) {
    const verdict = JSON.parse(payload) as Partial<Verdict>;
    if (verdict.facts === undefined || verdict.policy !== policy.digest) continue;
    const { status, evidence } = evaluate(policy, verdict.facts);
    expect({ status, evidence }).toEqual({ status: verdict.status, evidence: verdict.evidence });
  }
}
