import type { Database } from 'better-sqlite3';
import { expect } from 'vitest';
import type { AgentState } from '../../../src/governance/agent-state.ts';
import { evaluate } from '../../../src/governance/evaluation.ts';
import { DAY, type Facts } from '../../../src/governance/facts.ts';
import type { Policy } from '../../../src/governance/policy.ts';
import type { EntryRow, Sound } from './sound-ledger.ts';

interface Row {
  readonly agent_id: string;
  readonly tier: string;
  readonly total_runs: number;
  readonly compliant_runs: number;
  readonly consecutive_runs: number;
  readonly total_at_tier: number;
  readonly compliant_at_tier: number;
  readonly consecutive_at_tier: number;
  readonly last_tier_change_seq: number;
  readonly last_violation_seq: number;
  readonly status: string;
  readonly changes_at: number | null;
  readonly eligible_at: number | null;
  readonly eligible_since: number | null;
}

interface Happened {
  readonly seq: number;
  readonly compliant: number;
}

/** Each agent's row is the fold of its entries and facts, and its stored answer that of a full evaluation. */
export function soundAgents(db: Database, entries: readonly EntryRow[], { now, policy }: Sound): void {
  const rows = db.prepare<[], Row>('SELECT * FROM agents ORDER BY agent_id').all();
  const last = entries.at(-1)?.recorded_at ?? 0;
  const byAgent = new Map<string | null, EntryRow[]>(rows.map((row) => [row.agent_id, []]));
  for (const entry of entries) byAgent.get(entry.agent_id)?.push(entry);
  for (const row of rows) {
    const own = byAgent.get(row.agent_id) ?? [];
    const state = lastState(own);
    expect(row.tier, 'the tier is the fold of the ledger').toBe(foldedTier(own));
    expect(state.tier).toBe(row.tier);
    const lastRevocation = own.findLast((entry) => entry.type === 'AGENT_REVOKED')?.seq ?? 0;
    expect(countersOf(row)).toEqual(recount(db, row, lastRevocation));
    expect(foldedCounters(state)).toEqual(countersOf(row));
    const candidacy = soundCandidacies(db, own, row);
    const asOf =
      row.changes_at === null ? Math.max(now, last) : Math.min(Math.max(now, last), row.changes_at - 1);
    const full = evaluate(policy, allFacts(db, state, { asOf, policy, candidacy }));
    const stored = [row.status, row.changes_at, row.eligible_at];
    const eligible = full.status === 'ELIGIBLE' || full.status === 'PENDING_REVIEW';
    expect(stored.slice(0, 2)).toEqual([full.status, full.changesAt]);
    if (!eligible) expect(row.eligible_at).toBe(full.eligibleAt);
    expect(candidacy !== null, 'a candidacy is open while the agent is eligible').toBe(eligible);
  }
}

function countersOf(row: Row): readonly number[] {
  return [
    row.total_runs,
    row.compliant_runs,
    row.consecutive_runs,
    row.total_at_tier,
    row.compliant_at_tier,
    row.consecutive_at_tier,
  ];
}

function foldedCounters({ counters, countersAtTier }: AgentState): readonly number[] {
  return [counters, countersAtTier].flatMap(({ totalRuns, compliantRuns, consecutiveCompliantRuns }) => [
    totalRuns,
    compliantRuns,
    consecutiveCompliantRuns,
  ]);
}

function foldedTier(own: readonly EntryRow[]): string | null {
  const change = own.findLast((entry) =>
    ['AGENT_REGISTERED', 'AGENT_IMPORTED', 'AGENT_PROMOTED', 'AGENT_REVOKED'].includes(entry.type),
  );
  return change === undefined ? null : (JSON.parse(change.payload) as { toTier: string }).toTier;
}

function lastState(own: readonly EntryRow[]): AgentState {
  const payloads = own.map((entry) => JSON.parse(entry.payload) as { after?: AgentState });
  const state = payloads.findLast((payload) => payload.after !== undefined)?.after;
  if (state === undefined) throw new Error('An agent has no entry with its state.');
  return state;
}

/** From the rows of runs and violations: a run is compliant while no violation names it, a streak begins after the last, or after a revocation. */
function recount(db: Database, row: Row, lastRevocation: number): readonly number[] {
  const runs = db
    .prepare<[string], Happened>('SELECT seq, compliant FROM runs WHERE agent_id = ? ORDER BY seq')
    .all(row.agent_id);
  const violations = db
    .prepare<[string], { seq: number; run_seq: number | null }>(
      'SELECT seq, run_seq FROM violations WHERE agent_id = ? ORDER BY seq',
    )
    .all(row.agent_id);
  const spoilt = new Set(violations.map((violation) => violation.run_seq));
  for (const run of runs) expect(run.compliant).toBe(spoilt.has(run.seq) ? 0 : 1);
  const lastViolation = violations.at(-1)?.seq ?? 0;
  expect(row.last_violation_seq).toBe(lastViolation);
  const counted = (after: number) => {
    const since = runs.filter((run) => run.seq > after);
    return [
      since.length,
      since.filter((run) => run.compliant === 1).length,
      since.filter((run) => run.seq > Math.max(lastViolation, lastRevocation)).length,
    ];
  };
  return [...counted(0), ...counted(row.last_tier_change_seq)];
}

interface CandidacyRow {
  readonly seq: number;
  readonly state: string;
  readonly opened_at: number;
  readonly closed_at: number | null;
  readonly closed_seq: number | null;
}

/** Each was opened and closed by an entry that says so, one after the other. Gives the open one. */
function soundCandidacies(db: Database, own: readonly EntryRow[], row: Row): number | null {
  const candidacies = db
    .prepare<[string], CandidacyRow>('SELECT * FROM candidacies WHERE agent_id = ? ORDER BY seq')
    .all(row.agent_id);
  const opened = own.filter((entry) => entry.type === 'AGENT_BECAME_ELIGIBLE');
  expect(candidacies.map(({ seq, opened_at }) => [seq, opened_at])).toEqual(
    opened.map(({ seq, at }) => [seq, at]),
  );
  const closings = {
    AGENT_PROMOTED: 'PROMOTED',
    ELIGIBILITY_LOST: 'LAPSED',
    PROMOTION_DENIED: 'DENIED',
  } as const;
  const closed = own.flatMap((entry) => {
    const state = entry.type in closings ? closings[entry.type as keyof typeof closings] : null;
    const { candidacy } = JSON.parse(entry.payload) as { candidacy?: number };
    return state === null ? [] : [[candidacy, state, entry.at, entry.seq]];
  });
  const ended = candidacies.filter((each) => each.state !== 'OPEN');
  expect(ended.map((each) => [each.seq, each.state, each.closed_at, each.closed_seq])).toEqual(closed);
  const open = candidacies.filter((each) => each.state === 'OPEN');
  expect(open.length).toBeLessThanOrEqual(1);
  expect(open.every((each) => each.seq === candidacies.at(-1)?.seq)).toBe(true);
  expect(row.eligible_since).toBe(open[0]?.opened_at ?? null);
  return open[0]?.seq ?? null;
}

/** Everything in the window, looked up by reading all of it. */
function allFacts(
  db: Database,
  state: AgentState,
  { asOf, policy, candidacy }: { asOf: number; policy: Policy; candidacy: number | null },
): Facts {
  const since = asOf - policy.windowDays * DAY;
  const actions = db
    .prepare<
      [string, number, number],
      { type: string; executed: number; planned: number; occurredAt: number }
    >(
      `SELECT type, decision = 'EXECUTE' AND success = 1 AS executed,
         decision = 'PLAN' AND success = 1 AS planned, occurred_at AS occurredAt FROM actions
       WHERE agent_id = ? AND +occurred_at BETWEEN ? AND ? ORDER BY +occurred_at DESC`,
    )
    .all(state.agentId, since, asOf);
  const violations = db
    .prepare<[string, number, number], { occurredAt: number }>(
      `SELECT max(occurred_at, recorded_at) AS occurredAt FROM violations
       WHERE agent_id = ? AND +max(occurred_at, recorded_at) BETWEEN ? AND ? ORDER BY 1 DESC`,
    )
    .all(state.agentId, since, asOf)
    .map(({ occurredAt }) => occurredAt);
  const executed = actions.filter((action) => action.executed === 1);
  const newest = (list: typeof actions) =>
    Object.fromEntries(list.toReversed().map(({ type, occurredAt }) => [type, occurredAt]));
  return {
    asOf,
    state,
    candidacy,
    newestActions: newest(actions),
    newestExecutions: newest(executed),
    newestPlans: newest(actions.filter((action) => action.planned === 1)),
    successfulExecutions: executed.map(({ occurredAt }) => occurredAt),
    violations: { count: violations.length, newest: violations },
  };
}
