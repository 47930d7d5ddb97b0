-- CreateTable
CREATE TABLE "followers" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "position" BIGINT NOT NULL,
    "holder" TEXT,
    "held_until" BIGINT NOT NULL,
    "breaker" TEXT NOT NULL,
    "last_error" TEXT,
    "unknown" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "deliveries" (
    "follower" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "agent_id" TEXT,
    "seq" BIGINT NOT NULL,
    "since" BIGINT NOT NULL,
    "rank" INTEGER NOT NULL,
    "progress" TEXT,
    "due_at" BIGINT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "error" TEXT,
    "dead" BOOLEAN NOT NULL,

    PRIMARY KEY ("follower", "key"),
    CONSTRAINT "deliveries_follower_fkey" FOREIGN KEY ("follower") REFERENCES "followers" ("name") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "deliveries_follower_dead_rank_attempts_seq_idx" ON "deliveries"("follower", "dead", "rank", "attempts", "seq");

-- CreateIndex
CREATE INDEX "deliveries_follower_dead_due_at_idx" ON "deliveries"("follower", "dead", "due_at");
