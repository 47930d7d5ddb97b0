-- CreateTable
CREATE TABLE "former_owners" (
    "agent_id" TEXT NOT NULL,
    "principal_key" TEXT NOT NULL,
    "until_seq" BIGINT NOT NULL,

    PRIMARY KEY ("agent_id", "principal_key", "until_seq"),
    CONSTRAINT "former_owners_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents" ("agent_id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "former_owners_principal_key_fkey" FOREIGN KEY ("principal_key") REFERENCES "principals" ("key") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "former_owners_principal_key_idx" ON "former_owners"("principal_key");

-- CreateIndex
CREATE INDEX "violations_agent_id_severity_occurred_at_idx" ON "violations"("agent_id", "severity", "occurred_at");
