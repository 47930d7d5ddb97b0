import type { CountRequest } from '../../app/ports/agents.ts';
import { integer, type Raw, type RawRow } from './raw.ts';

/**
 * A rule has consumed what was recorded up to the violation that last fulfilled it. What is counted is in the window and
 * stops at the largest number that a rule asks, so an agent with many violations costs no more than one with few.
 */
function statement(most: number): string {
  return `SELECT (SELECT count(*) FROM (SELECT 1 FROM violations v
      WHERE v.agent_id = r.agent_id AND v.severity = r.severity AND max(v.occurred_at, v.recorded_at) >= r.since
        AND v.seq > coalesce((SELECT e.payload ->> 'cause' FROM ledger_entries e
          WHERE e.agent_id = r.agent_id AND e.type = 'AGENT_REVOKED' AND e.payload ->> 'rule' = r.rule
          ORDER BY e.seq DESC LIMIT 1), 0)
      LIMIT ${most})) AS found
    FROM (SELECT key AS place, value ->> 0 AS agent_id, value ->> 1 AS rule, value ->> 2 AS severity,
      value ->> 3 AS since FROM json_each(?)) r ORDER BY r.place`;
}

/** How many violations stand for each rule that it has not revoked for yet, in the order of the requests; no further than any rule counts. */
export async function unconsumed(db: Raw, requests: readonly CountRequest[]): Promise<readonly number[]> {
  if (requests.length === 0) return [];
  const most = Math.max(...requests.map(({ rule }) => rule.violations));
  const rows = await db.$queryRawUnsafe<RawRow[]>(
    statement(most),
    JSON.stringify(requests.map(({ agentId, rule, since }) => [agentId, rule.name, rule.severity, since])),
  );
  return rows.map((row) => integer(row.found));
}
