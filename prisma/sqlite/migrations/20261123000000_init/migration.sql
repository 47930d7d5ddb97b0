-- CreateTable
CREATE TABLE "ledger_head" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    "policy_digest" TEXT
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "agent_id" TEXT,
    "actor_key" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "to_tier" TEXT,
    CONSTRAINT "ledger_entries_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "ledger_entries_actor_key_fkey" FOREIGN KEY ("actor_key") REFERENCES "principals" ("key") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "agents" (
    "agent_id" TEXT NOT NULL PRIMARY KEY,
    "owner_key" TEXT,
    "tier" TEXT NOT NULL,
    "tier_since" BIGINT NOT NULL,
    "suspended" BOOLEAN NOT NULL,
    "registered_at" BIGINT NOT NULL,
    "last_active_at" BIGINT,
    "retired_at" BIGINT,
    "total_runs" INTEGER NOT NULL,
    "compliant_runs" INTEGER NOT NULL,
    "consecutive_runs" INTEGER NOT NULL,
    "total_at_tier" INTEGER NOT NULL,
    "compliant_at_tier" INTEGER NOT NULL,
    "consecutive_at_tier" INTEGER NOT NULL,
    "revocation_cool_down_until" BIGINT,
    "denial_cool_down_until" BIGINT,
    "last_tier_change_seq" BIGINT NOT NULL,
    "last_violation_seq" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "changes_at" BIGINT,
    "eligible_at" BIGINT,
    "eligible_since" BIGINT,
    CONSTRAINT "agents_owner_key_fkey" FOREIGN KEY ("owner_key") REFERENCES "principals" ("key") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "runs" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "agent_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "started_at" BIGINT NOT NULL,
    "finished_at" BIGINT NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    "recorded_by_key" TEXT NOT NULL,
    "compliant" BOOLEAN NOT NULL,
    "sent_digest" TEXT NOT NULL,
    "sent_salt" TEXT,
    CONSTRAINT "runs_seq_fkey" FOREIGN KEY ("seq") REFERENCES "ledger_entries" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "runs_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "runs_recorded_by_key_fkey" FOREIGN KEY ("recorded_by_key") REFERENCES "principals" ("key") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "actions" (
    "seq" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "agent_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "success" BOOLEAN NOT NULL,
    "occurred_at" BIGINT NOT NULL,
    "recorded_at" BIGINT NOT NULL,

    PRIMARY KEY ("seq", "position"),
    CONSTRAINT "actions_seq_fkey" FOREIGN KEY ("seq") REFERENCES "ledger_entries" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "actions_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "violations" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "agent_id" TEXT NOT NULL,
    "violation_id" TEXT,
    "run_seq" BIGINT,
    "type" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "description_id" TEXT,
    "occurred_at" BIGINT NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    "sent_digest" TEXT,
    "sent_salt" TEXT,
    CONSTRAINT "violations_seq_fkey" FOREIGN KEY ("seq") REFERENCES "ledger_entries" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "violations_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "violations_run_seq_fkey" FOREIGN KEY ("run_seq") REFERENCES "runs" ("seq") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "violations_description_id_fkey" FOREIGN KEY ("description_id") REFERENCES "texts" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "candidacies" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "agent_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "from_tier" TEXT NOT NULL,
    "to_tier" TEXT NOT NULL,
    "policy_digest" TEXT NOT NULL,
    "opened_at" BIGINT NOT NULL,
    "closed_at" BIGINT,
    "closed_seq" BIGINT,
    CONSTRAINT "candidacies_seq_fkey" FOREIGN KEY ("seq") REFERENCES "ledger_entries" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "candidacies_closed_seq_fkey" FOREIGN KEY ("closed_seq") REFERENCES "ledger_entries" ("seq") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "candidacies_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "approvals" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "candidacy_seq" BIGINT NOT NULL,
    "principal_key" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "rationale_id" TEXT,
    "at" BIGINT NOT NULL,
    CONSTRAINT "approvals_seq_fkey" FOREIGN KEY ("seq") REFERENCES "ledger_entries" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "approvals_candidacy_seq_fkey" FOREIGN KEY ("candidacy_seq") REFERENCES "candidacies" ("seq") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "approvals_principal_key_fkey" FOREIGN KEY ("principal_key") REFERENCES "principals" ("key") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "approvals_rationale_id_fkey" FOREIGN KEY ("rationale_id") REFERENCES "texts" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "recorders" (
    "agent_id" TEXT NOT NULL,
    "principal_key" TEXT NOT NULL,

    PRIMARY KEY ("agent_id", "principal_key"),
    CONSTRAINT "recorders_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "recorders_principal_key_fkey" FOREIGN KEY ("principal_key") REFERENCES "principals" ("key") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "texts" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "digest" TEXT NOT NULL,
    "salt" TEXT,
    "body" TEXT
);

-- CreateTable
CREATE TABLE "principals" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "id" TEXT,
    "kind" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "principal_key" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_digest" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,

    PRIMARY KEY ("principal_key", "mutation", "key")
);

-- CreateTable
CREATE TABLE "refusals" (
    "principal_key" TEXT NOT NULL,
    "agent_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "at" BIGINT NOT NULL,

    PRIMARY KEY ("principal_key", "agent_id", "code")
);

-- CreateTable
CREATE TABLE "policies" (
    "digest" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "adopted_at" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "ledger_entries_agent_id_seq_idx" ON "ledger_entries"("agent_id", "seq");

-- CreateIndex
CREATE INDEX "ledger_entries_type_seq_idx" ON "ledger_entries"("type", "seq");

-- CreateIndex
CREATE INDEX "ledger_entries_actor_key_seq_idx" ON "ledger_entries"("actor_key", "seq");

-- CreateIndex
CREATE INDEX "agents_tier_agent_id_idx" ON "agents"("tier", "agent_id");

-- CreateIndex
CREATE INDEX "agents_tier_status_retired_at_idx" ON "agents"("tier", "status", "retired_at");

-- CreateIndex
CREATE INDEX "agents_status_agent_id_idx" ON "agents"("status", "agent_id");

-- CreateIndex
CREATE INDEX "agents_eligible_at_agent_id_idx" ON "agents"("eligible_at", "agent_id");

-- CreateIndex
CREATE INDEX "agents_last_active_at_agent_id_idx" ON "agents"("last_active_at", "agent_id");

-- CreateIndex
CREATE INDEX "agents_owner_key_agent_id_idx" ON "agents"("owner_key", "agent_id");

-- CreateIndex
CREATE INDEX "runs_agent_id_seq_idx" ON "runs"("agent_id", "seq");

-- CreateIndex
CREATE INDEX "runs_agent_id_started_at_idx" ON "runs"("agent_id", "started_at");

-- CreateIndex
CREATE UNIQUE INDEX "runs_agent_id_run_id_key" ON "runs"("agent_id", "run_id");

-- CreateIndex
CREATE INDEX "actions_agent_id_occurred_at_type_decision_success_idx" ON "actions"("agent_id", "occurred_at", "type", "decision", "success");

-- CreateIndex
CREATE INDEX "actions_agent_id_type_occurred_at_idx" ON "actions"("agent_id", "type", "occurred_at");

-- CreateIndex
CREATE INDEX "violations_agent_id_occurred_at_idx" ON "violations"("agent_id", "occurred_at");

-- CreateIndex
CREATE INDEX "violations_agent_id_seq_idx" ON "violations"("agent_id", "seq");

-- CreateIndex
CREATE INDEX "violations_run_seq_idx" ON "violations"("run_seq");

-- CreateIndex
CREATE UNIQUE INDEX "violations_agent_id_violation_id_key" ON "violations"("agent_id", "violation_id");

-- CreateIndex
CREATE UNIQUE INDEX "candidacies_closed_seq_key" ON "candidacies"("closed_seq");

-- CreateIndex
CREATE INDEX "candidacies_agent_id_seq_idx" ON "candidacies"("agent_id", "seq");

-- CreateIndex
CREATE INDEX "candidacies_state_opened_at_idx" ON "candidacies"("state", "opened_at");

-- CreateIndex
CREATE UNIQUE INDEX "approvals_candidacy_seq_principal_key_key" ON "approvals"("candidacy_seq", "principal_key");

-- CreateIndex
CREATE UNIQUE INDEX "principals_id_key" ON "principals"("id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");
