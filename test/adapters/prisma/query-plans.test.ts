import { expect, test } from 'vitest';
import { rawConnection, tempDatabase } from '../../support/temp-database.ts';

/** The statements that must stay fast, and the index that keeps each of them so. */
const PLANS: Readonly<Record<string, string>> = {
  [`SELECT * FROM agents WHERE retired_at IS NULL AND eligible_since IS NOT NULL ORDER BY eligible_since, agent_id LIMIT 50`]:
    'SEARCH agents USING INDEX agents_promotable',
  [`SELECT * FROM agents WHERE eligible_since IS NOT NULL AND (eligible_since > ? OR (eligible_since = ? AND agent_id > ?))
    ORDER BY eligible_since, agent_id LIMIT 50`]: 'SEARCH agents USING INDEX agents_promotable',
  [`SELECT min(changes_at) FROM agents WHERE changes_at IS NOT NULL`]: 'USING COVERING INDEX agents_due',
  [`SELECT seq, hash, (SELECT min(changes_at) AS next FROM agents WHERE changes_at IS NOT NULL) AS next FROM ledger_head WHERE id = 1`]:
    'USING COVERING INDEX agents_due',
  [`SELECT agent_id FROM agents WHERE changes_at <= ? ORDER BY changes_at LIMIT 10`]:
    'SEARCH agents USING INDEX agents_due',
  [`SELECT seq FROM candidacies WHERE agent_id = ? AND state = 'OPEN'`]: 'USING INDEX candidacies_open',
  [`SELECT occurred_at FROM actions WHERE agent_id = ? AND decision = 'EXECUTE' AND success = 1 AND occurred_at BETWEEN ? AND ?
    ORDER BY occurred_at DESC LIMIT 5`]: 'actions_executed (',
  [`SELECT occurred_at FROM actions WHERE agent_id = ? AND type = ? AND decision = 'EXECUTE' AND success = 1 AND occurred_at <= ?
    ORDER BY occurred_at DESC LIMIT 1`]: 'actions_executed_by_type',
  [`SELECT occurred_at FROM actions WHERE agent_id = ? AND type = ? AND decision = 'PLAN' AND success = 1 AND occurred_at <= ?
    ORDER BY occurred_at DESC LIMIT 1`]: 'actions_planned_by_type',
  [`SELECT max(occurred_at) FROM actions WHERE agent_id = ? AND type = ?`]:
    'actions_agent_id_type_occurred_at_idx',
  [`SELECT seq FROM ledger_entries WHERE agent_id = ? AND recorded_at <= ? AND type IN ('AGENT_REGISTERED', 'AGENT_IMPORTED',
    'RUN_RECORDED', 'VIOLATION_REPORTED', 'PROMOTION_DENIED', 'AGENT_PROMOTED', 'AGENT_REVOKED', 'AGENT_REINSTATED')
    ORDER BY recorded_at DESC, seq DESC LIMIT 1`]: 'ledger_entries_state',
  [`SELECT seq FROM ledger_entries WHERE to_tier IS NOT NULL AND seq > ? ORDER BY seq LIMIT 50`]:
    'ledger_entries_tier_change',
  [`SELECT seq FROM ledger_entries WHERE to_tier = 'T2' AND seq > ? ORDER BY seq LIMIT 50`]:
    'ledger_entries_tier_change',
  [`SELECT key FROM deliveries d WHERE follower = ? AND dead = false AND (due_at <= ? OR due_at > ?) AND NOT EXISTS (SELECT 1
    FROM deliveries e WHERE e.follower = d.follower AND e.agent_id = d.agent_id AND e.dead = false AND e.seq < d.seq)
    ORDER BY rank, attempts, seq LIMIT 128`]: 'deliveries_follower_agent_id_dead_seq_idx',
  [`SELECT min(due_at) FROM deliveries WHERE follower = ? AND dead = false AND due_at > ?`]:
    'deliveries_follower_dead_due_at_idx',
};

test.each(Object.entries(PLANS))('%s uses its index and sorts nothing', (statement, expected) => {
  const connection = rawConnection(tempDatabase().file);
  const parameters = statement
    .split('?')
    .slice(1)
    .map((_, index) => index);
  const plan = connection.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...parameters) as {
    detail: string;
  }[];
  const details = plan.map(({ detail }) => detail).join('\n');
  expect(details).toContain(expected);
  expect(details).not.toContain('TEMP B-TREE');
});
