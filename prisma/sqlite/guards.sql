-- What Prisma can't express: append-only triggers, partial indexes and the one row of ledger_head.
-- Applied after every migration, because rebuilding a table drops its triggers and these indexes; idempotent.
-- A trigger looks at its own table alone, so any table can be rebuilt. Statements begin at the left margin, and only they do.
-- INSERT OR REPLACE deletes without firing DELETE triggers: hence a look at every key, rowid too, before each insert.

-- ledger_entries: never changed, never deleted.

DROP TRIGGER IF EXISTS ledger_entries_no_update;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;

DROP TRIGGER IF EXISTS ledger_entries_no_delete;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;

DROP TRIGGER IF EXISTS ledger_entries_no_replace;
CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM ledger_entries WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;

-- ledger_head: one row, whose seq and time never go back.

DROP TRIGGER IF EXISTS ledger_head_no_return;
CREATE TRIGGER ledger_head_no_return BEFORE UPDATE ON ledger_head
WHEN NEW.id <> OLD.id OR NEW.seq < OLD.seq OR NEW.recorded_at < OLD.recorded_at
BEGIN
  SELECT RAISE(ABORT, 'ledger_head never goes back');
END;

DROP TRIGGER IF EXISTS ledger_head_no_delete;
CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
BEGIN
  SELECT RAISE(ABORT, 'ledger_head has one row');
END;

DROP TRIGGER IF EXISTS ledger_head_no_second;
CREATE TRIGGER ledger_head_no_second BEFORE INSERT ON ledger_head
WHEN NEW.id <> 1 OR EXISTS (SELECT 1 FROM ledger_head)
BEGIN
  SELECT RAISE(ABORT, 'ledger_head has one row');
END;

INSERT INTO ledger_head (id, seq, hash, recorded_at)
SELECT 1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0
WHERE NOT EXISTS (SELECT 1 FROM ledger_head);

-- runs: an entry digests them. A violation reported later may spoil one; its salt may be blanked.

DROP TRIGGER IF EXISTS runs_no_update;
CREATE TRIGGER runs_no_update BEFORE UPDATE ON runs
WHEN NEW.rowid <> OLD.rowid OR NEW.seq <> OLD.seq OR NEW.agent_id <> OLD.agent_id OR NEW.run_id <> OLD.run_id
  OR NEW.started_at <> OLD.started_at OR NEW.finished_at <> OLD.finished_at OR NEW.recorded_at <> OLD.recorded_at
  OR NEW.recorded_by_key <> OLD.recorded_by_key OR NEW.compliant > OLD.compliant OR NEW.sent_digest <> OLD.sent_digest
  OR (NEW.sent_salt IS NOT NULL AND NEW.sent_salt IS NOT OLD.sent_salt)
BEGIN
  SELECT RAISE(ABORT, 'runs are facts: they never change');
END;

DROP TRIGGER IF EXISTS runs_no_delete;
CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs
BEGIN
  SELECT RAISE(ABORT, 'runs are facts: they are never deleted');
END;

DROP TRIGGER IF EXISTS runs_no_replace;
CREATE TRIGGER runs_no_replace BEFORE INSERT ON runs
WHEN EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM runs WHERE agent_id = NEW.agent_id AND run_id = NEW.run_id)
  OR EXISTS (SELECT 1 FROM runs WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'runs are facts: they are never replaced');
END;

-- actions: an entry digests them.

DROP TRIGGER IF EXISTS actions_no_update;
CREATE TRIGGER actions_no_update BEFORE UPDATE ON actions
BEGIN
  SELECT RAISE(ABORT, 'actions are facts: they never change');
END;

DROP TRIGGER IF EXISTS actions_no_delete;
CREATE TRIGGER actions_no_delete BEFORE DELETE ON actions
BEGIN
  SELECT RAISE(ABORT, 'actions are facts: they are never deleted');
END;

DROP TRIGGER IF EXISTS actions_no_replace;
CREATE TRIGGER actions_no_replace BEFORE INSERT ON actions
WHEN EXISTS (SELECT 1 FROM actions WHERE seq = NEW.seq AND position = NEW.position)
  OR EXISTS (SELECT 1 FROM actions WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'actions are facts: they are never replaced');
END;

-- violations: an entry digests them. What was sent may be blanked.

DROP TRIGGER IF EXISTS violations_no_update;
CREATE TRIGGER violations_no_update BEFORE UPDATE ON violations
WHEN NEW.rowid <> OLD.rowid OR NEW.seq <> OLD.seq OR NEW.agent_id <> OLD.agent_id
  OR NEW.violation_id IS NOT OLD.violation_id OR NEW.run_seq IS NOT OLD.run_seq OR NEW.type <> OLD.type
  OR NEW.severity <> OLD.severity OR NEW.description_id IS NOT OLD.description_id
  OR NEW.occurred_at <> OLD.occurred_at OR NEW.recorded_at <> OLD.recorded_at
  OR (NEW.sent_digest IS NOT NULL AND NEW.sent_digest IS NOT OLD.sent_digest)
  OR (NEW.sent_salt IS NOT NULL AND NEW.sent_salt IS NOT OLD.sent_salt)
BEGIN
  SELECT RAISE(ABORT, 'violations are facts: they never change');
END;

DROP TRIGGER IF EXISTS violations_no_delete;
CREATE TRIGGER violations_no_delete BEFORE DELETE ON violations
BEGIN
  SELECT RAISE(ABORT, 'violations are facts: they are never deleted');
END;

DROP TRIGGER IF EXISTS violations_no_replace;
CREATE TRIGGER violations_no_replace BEFORE INSERT ON violations
WHEN EXISTS (SELECT 1 FROM violations WHERE seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM violations WHERE agent_id = NEW.agent_id AND violation_id = NEW.violation_id)
  OR EXISTS (SELECT 1 FROM violations WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'violations are facts: they are never replaced');
END;

-- texts: blanked at most.

DROP TRIGGER IF EXISTS texts_no_update;
CREATE TRIGGER texts_no_update BEFORE UPDATE ON texts
WHEN NEW.rowid <> OLD.rowid OR NEW.id <> OLD.id OR NEW.digest <> OLD.digest
  OR (NEW.body IS NOT NULL AND NEW.body IS NOT OLD.body)
  OR (NEW.salt IS NOT NULL AND NEW.salt IS NOT OLD.salt)
BEGIN
  SELECT RAISE(ABORT, 'texts are blanked at most');
END;

DROP TRIGGER IF EXISTS texts_no_delete;
CREATE TRIGGER texts_no_delete BEFORE DELETE ON texts
BEGIN
  SELECT RAISE(ABORT, 'texts are never deleted');
END;

DROP TRIGGER IF EXISTS texts_no_replace;
CREATE TRIGGER texts_no_replace BEFORE INSERT ON texts
WHEN EXISTS (SELECT 1 FROM texts WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM texts WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'texts are never replaced');
END;

-- principals: blanked at most, both id and salt; a kind may be corrected.

DROP TRIGGER IF EXISTS principals_no_update;
CREATE TRIGGER principals_no_update BEFORE UPDATE ON principals
WHEN NEW.rowid <> OLD.rowid OR NEW.key <> OLD.key
  OR (NEW.id IS NOT NULL AND NEW.id IS NOT OLD.id) OR (NEW.salt IS NOT NULL AND NEW.salt IS NOT OLD.salt)
BEGIN
  SELECT RAISE(ABORT, 'principals are blanked at most');
END;

DROP TRIGGER IF EXISTS principals_no_delete;
CREATE TRIGGER principals_no_delete BEFORE DELETE ON principals
BEGIN
  SELECT RAISE(ABORT, 'principals are never deleted');
END;

DROP TRIGGER IF EXISTS principals_no_replace;
CREATE TRIGGER principals_no_replace BEFORE INSERT ON principals
WHEN EXISTS (SELECT 1 FROM principals WHERE key = NEW.key)
  OR EXISTS (SELECT 1 FROM principals WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM principals WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'principals are never replaced');
END;

-- policies: known by their digest, so they never change.

DROP TRIGGER IF EXISTS policies_no_update;
CREATE TRIGGER policies_no_update BEFORE UPDATE ON policies
BEGIN
  SELECT RAISE(ABORT, 'policies never change');
END;

DROP TRIGGER IF EXISTS policies_no_delete;
CREATE TRIGGER policies_no_delete BEFORE DELETE ON policies
BEGIN
  SELECT RAISE(ABORT, 'policies are never deleted');
END;

DROP TRIGGER IF EXISTS policies_no_replace;
CREATE TRIGGER policies_no_replace BEFORE INSERT ON policies
WHEN EXISTS (SELECT 1 FROM policies WHERE digest = NEW.digest)
  OR EXISTS (SELECT 1 FROM policies WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'policies are never replaced');
END;

-- At most one open candidacy per agent.
CREATE UNIQUE INDEX IF NOT EXISTS candidacies_open ON candidacies (agent_id) WHERE state = 'OPEN';

-- The agents that may be promoted, longest waiting first. Only they have `eligible_since`; SQLite would not use an index on
-- their statuses beside the one on all statuses, nor for statuses that are parameters.
CREATE INDEX IF NOT EXISTS agents_promotable ON agents (eligible_since, agent_id) WHERE eligible_since IS NOT NULL;

-- The next instant at which an answer changes.
CREATE INDEX IF NOT EXISTS agents_due ON agents (changes_at) WHERE changes_at IS NOT NULL;

-- The newest successful executions, of any type and of one.
CREATE INDEX IF NOT EXISTS violations_counted ON violations (agent_id, max(occurred_at, recorded_at));

CREATE INDEX IF NOT EXISTS actions_executed ON actions (agent_id, occurred_at)
WHERE decision = 'EXECUTE' AND success = 1;

CREATE INDEX IF NOT EXISTS actions_executed_by_type ON actions (agent_id, type, occurred_at)
WHERE decision = 'EXECUTE' AND success = 1;

-- The newest successful plan of a type.
CREATE INDEX IF NOT EXISTS actions_planned_by_type ON actions (agent_id, type, occurred_at)
WHERE decision = 'PLAN' AND success = 1;

-- An agent as it was: the last entry that carries its state.
CREATE INDEX IF NOT EXISTS ledger_entries_state ON ledger_entries (agent_id, recorded_at, seq)
WHERE type IN ('AGENT_REGISTERED', 'AGENT_IMPORTED', 'RUN_RECORDED', 'VIOLATION_REPORTED', 'PROMOTION_DENIED',
  'AGENT_PROMOTED', 'AGENT_REVOKED', 'AGENT_REINSTATED');

-- Tier changes across all agents.
CREATE INDEX IF NOT EXISTS ledger_entries_tier_change ON ledger_entries (seq) WHERE to_tier IS NOT NULL;

-- The revocations of an agent: by which violation each rule was last fulfilled.
CREATE INDEX IF NOT EXISTS ledger_entries_revoked ON ledger_entries (agent_id, seq) WHERE type = 'AGENT_REVOKED';

-- What Vault was last read back to have, and what became of an agent there.
CREATE INDEX IF NOT EXISTS ledger_entries_vault_confirmed ON ledger_entries (agent_id, seq)
  WHERE type = 'VAULT_CONFIRMED';
CREATE INDEX IF NOT EXISTS ledger_entries_vault ON ledger_entries (agent_id, seq)
  WHERE type IN ('VAULT_CONFIRMED', 'VAULT_FAILED', 'VAULT_DRIFTED');
