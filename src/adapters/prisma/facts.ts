import type { FactsRequest } from '../../app/ports/agents.ts';
import type { Facts } from '../../governance/facts.ts';
import { integer, text, type Raw, type RawRow } from './raw.ts';

/** ACTION, EXECUTION and PLAN: the newest of a type; EXECUTIONS: the newest of any; VIOLATIONS: the newest, COUNT: how many. */
type Part = 'ACTION' | 'EXECUTION' | 'PLAN' | 'EXECUTIONS' | 'VIOLATIONS' | 'COUNT';

const WINDOW = 'occurred_at >= r.since AND occurred_at <= r.as_of AND recorded_at <= r.as_of';
/** A violation counts from its report or its occurrence on, whichever is later: the expression of the index violations_counted. */
const COUNTED_FROM = 'max(occurred_at, recorded_at)';
const VIOLATION_WINDOW = `${COUNTED_FROM} >= r.since AND recorded_at <= r.as_of`;
const EXECUTED = `decision = 'EXECUTE' AND success = 1`;
const PLANNED = `decision = 'PLAN' AND success = 1`;

/**
 * One statement for all that any number of evaluations need: each part is a seek in an index, newest first, that stops
 * at the first row or at the policy's number. Violations have no upper end because an unreadable imported one counts
 * before it occurred.
 */
function statement(most: number): string {
  const newest = (where: string) =>
    `(SELECT CAST(occurred_at AS TEXT) FROM actions WHERE ${where} ORDER BY occurred_at DESC LIMIT 1)`;
  const list = (table: string, where: string, time = 'occurred_at') =>
    `(SELECT json_group_array(t) FROM (SELECT ${time} AS t FROM ${table} WHERE ${where} ORDER BY ${time} DESC LIMIT ${most}))`;
  return `SELECT r.request, r.part, r.type, CASE r.part
      WHEN 'ACTION' THEN ${newest(`agent_id = r.agent_id AND type = r.type AND ${WINDOW}`)}
      WHEN 'EXECUTION' THEN ${newest(`agent_id = r.agent_id AND type = r.type AND ${EXECUTED} AND ${WINDOW}`)}
      WHEN 'PLAN' THEN ${newest(`agent_id = r.agent_id AND type = r.type AND ${PLANNED} AND ${WINDOW}`)}
      WHEN 'EXECUTIONS' THEN ${list('actions', `agent_id = r.agent_id AND ${EXECUTED} AND ${WINDOW}`)}
      WHEN 'VIOLATIONS' THEN ${list('violations', `agent_id = r.agent_id AND ${VIOLATION_WINDOW}`, COUNTED_FROM)}
      ELSE (SELECT CAST(count(*) AS TEXT) FROM violations WHERE agent_id = r.agent_id AND ${VIOLATION_WINDOW})
    END AS found
    FROM (SELECT value ->> 0 AS request, value ->> 1 AS part, value ->> 2 AS agent_id, value ->> 3 AS type,
      value ->> 4 AS since, value ->> 5 AS as_of FROM json_each(?)) r`;
}

function partsOf({ state, since, asOf, needed }: FactsRequest, request: number) {
  const part = (name: Part, type: string | null = null) => [request, name, state.agentId, type, since, asOf];
  return [
    ...needed.actionTypes.map((type) => part('ACTION', type)),
    ...needed.executionTypes.map((type) => part('EXECUTION', type)),
    ...needed.planTypes.map((type) => part('PLAN', type)),
    ...(needed.successfulExecutions > 0 ? [part('EXECUTIONS')] : []),
    ...(needed.violations > 0 ? [part('VIOLATIONS'), part('COUNT')] : []),
  ];
}

/** Looks up facts, in the order of the requests. */
export async function facts(db: Raw, requests: readonly FactsRequest[]): Promise<readonly Facts[]> {
  const parts = requests.flatMap(partsOf);
  const most = Math.max(
    1,
    ...requests.map(({ needed }) => Math.max(needed.successfulExecutions, needed.violations)),
  );
  const rows =
    parts.length === 0 ? [] : await db.$queryRawUnsafe<RawRow[]>(statement(most), JSON.stringify(parts));
  const found = new Map<number, RawRow[]>();
  for (const row of rows) {
    const list = found.get(integer(row.request)) ?? [];
    list.push(row);
    found.set(integer(row.request), list);
  }
  return requests.map((request, index) => assemble(request, found.get(index) ?? []));
}

function assemble({ state, candidacy, asOf, needed }: FactsRequest, rows: readonly RawRow[]): Facts {
  const of = (part: Part) => rows.filter((row) => row.part === part && row.found !== null);
  const byType = (part: Part) =>
    Object.fromEntries(of(part).map((row) => [text(row.type), Number(row.found)]));
  const list = (part: Part, most: number) =>
    of(part).flatMap((row) => (JSON.parse(text(row.found)) as number[]).slice(0, most));
  return {
    asOf,
    state,
    candidacy,
    newestActions: byType('ACTION'),
    newestExecutions: byType('EXECUTION'),
    // Facts under a policy that counts no plans keep the bytes that they have always had in the ledger.
    ...(needed.planTypes.length === 0 ? {} : { newestPlans: byType('PLAN') }),
    successfulExecutions: list('EXECUTIONS', needed.successfulExecutions),
    violations: {
      count: Number(of('COUNT')[0]?.found ?? 0),
      newest: list('VIOLATIONS', needed.violations),
    },
  };
}
