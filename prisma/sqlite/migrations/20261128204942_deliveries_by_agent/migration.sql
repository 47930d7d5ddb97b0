-- CreateIndex
CREATE INDEX "deliveries_follower_agent_id_dead_seq_idx" ON "deliveries"("follower", "agent_id", "dead", "seq");
