-- A violation counts from its report on, where that is later than its occurrence. Agents with such a violation are due at the
-- ledger's last instant: the first server that starts settles them.
UPDATE agents SET changes_at = (SELECT recorded_at FROM ledger_head)
WHERE agent_id IN (SELECT agent_id FROM violations WHERE recorded_at > occurred_at);
