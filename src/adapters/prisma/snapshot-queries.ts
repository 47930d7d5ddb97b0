import { CLOCK_COLUMNS } from './clock-anchor.ts';

/** How each table is read in one go, in the order of what its rows stand on; none needs more than an index to sort by. */
export const SNAPSHOT_QUERIES = {
  head: 'SELECT seq, hash, recorded_at AS recordedAt, policy_digest AS policyDigest FROM ledger_head WHERE id = 1',
  clock: `SELECT ${CLOCK_COLUMNS} FROM ledger_head WHERE id = 1`,
  entries: `SELECT seq, at, recorded_at AS recordedAt, type, agent_id AS agentId, actor_key AS actorKey, payload,
      previous_hash AS previousHash, hash, to_tier AS toTier FROM ledger_entries WHERE seq > ? ORDER BY seq`,
  runs: `SELECT seq, agent_id AS agentId, run_id AS runId, started_at AS startedAt, finished_at AS finishedAt,
      recorded_at AS recordedAt, recorded_by_key AS recordedByKey, compliant,
      EXISTS (SELECT 1 FROM violations v WHERE v.run_seq = r.seq) AS violated,
      EXISTS (SELECT 1 FROM violations v WHERE v.run_seq = r.seq AND v.violation_id IS NULL) AS violatedAtOnce
    FROM runs r ORDER BY seq`,
  actions: `SELECT seq, position, agent_id AS agentId, type, decision, success, occurred_at AS occurredAt,
      recorded_at AS recordedAt FROM actions ORDER BY seq, position`,
  violations: `SELECT v.seq, v.agent_id AS agentId, v.run_seq AS runSeq, v.type, v.severity,
      v.description_id AS descriptionId, v.occurred_at AS occurredAt, v.recorded_at AS recordedAt,
      t.digest AS description, v.violation_id IS NULL AS inRun,
      NOT EXISTS (SELECT 1 FROM violations w WHERE w.run_seq = v.run_seq AND w.seq < v.seq) AS spoils
    FROM violations v LEFT JOIN texts t ON t.id = v.description_id ORDER BY v.seq`,
  candidacies: `SELECT seq, agent_id AS agentId, state, from_tier AS fromTier, to_tier AS toTier, policy_digest AS policy,
      opened_at AS openedAt, closed_at AS closedAt, closed_seq AS closedSeq FROM candidacies ORDER BY seq`,
  approvals: `SELECT seq, candidacy_seq AS candidacySeq, principal_key AS principalKey, role,
      rationale_id AS rationaleId, at FROM approvals ORDER BY seq`,
  formerOwners: `SELECT until_seq AS seq, agent_id AS agentId, principal_key AS principalKey FROM former_owners
    ORDER BY until_seq`,
  texts: 'SELECT id, digest, salt, body FROM texts ORDER BY id',
  principals: 'SELECT key, id, salt FROM principals ORDER BY key',
  policies: 'SELECT digest, name, body, adopted_at AS adoptedAt FROM policies ORDER BY digest',
  fleet: `SELECT count(*) AS agents, coalesce(max(compliant_runs), 0) AS mostCompliantRuns,
      coalesce(min(registered_at), 0) AS firstRegisteredAt FROM agents`,
  experience: `SELECT type, decision, success, count(*) AS count FROM actions
    GROUP BY type, decision, success ORDER BY type, decision, success`,
  executedTogether: `SELECT EXISTS (SELECT 1 FROM (SELECT occurred_at - lag(occurred_at, ?) OVER (PARTITION BY agent_id
      ORDER BY occurred_at) AS apart FROM actions WHERE decision = 'EXECUTE' AND success = 1) WHERE apart <= ?)`,
  strayRecorders: `SELECT agent_id AS agentId, principal_key AS principalKey FROM (
      SELECT * FROM (SELECT agent_id, principal_key FROM recorders EXCEPT SELECT agent_id, recorded_by_key FROM runs)
      UNION ALL
      SELECT * FROM (SELECT agent_id, recorded_by_key FROM runs EXCEPT SELECT agent_id, principal_key FROM recorders))
    ORDER BY 1, 2`,
} as const;
