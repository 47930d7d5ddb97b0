import type { AgentRecord } from '../../app/ports/agents.ts';
import type { PromotionStatus } from '../../governance/evaluation.ts';
import type { Tier } from '../../governance/tier.ts';
import { integer, integerOrNull, text, textOrNull, type RawRow } from './raw.ts';

/** Each column of an agent's row with what it holds: the row is written and read by this one table. */
const COLUMNS = {
  agent_id: (agent) => agent.state.agentId,
  owner_key: (agent) => agent.ownerKey,
  tier: (agent) => agent.state.tier,
  tier_since: (agent) => agent.state.tierSince,
  suspended: (agent) => agent.state.suspended,
  registered_at: (agent) => agent.registeredAt,
  last_active_at: (agent) => agent.lastActiveAt,
  retired_at: (agent) => agent.retiredAt,
  total_runs: (agent) => agent.state.counters.totalRuns,
  compliant_runs: (agent) => agent.state.counters.compliantRuns,
  consecutive_runs: (agent) => agent.state.counters.consecutiveCompliantRuns,
  total_at_tier: (agent) => agent.state.countersAtTier.totalRuns,
  compliant_at_tier: (agent) => agent.state.countersAtTier.compliantRuns,
  consecutive_at_tier: (agent) => agent.state.countersAtTier.consecutiveCompliantRuns,
  revocation_cool_down_until: (agent) => agent.state.revocationCoolDownUntil,
  denial_cool_down_until: (agent) => agent.state.denialCoolDownUntil,
  last_tier_change_seq: (agent) => agent.state.lastTierChangeSeq,
  last_violation_seq: (agent) => agent.state.lastViolationSeq,
  status: (agent) => agent.status,
  changes_at: (agent) => agent.changesAt,
  eligible_at: (agent) => agent.eligibleAt,
  eligible_since: (agent) => agent.eligibleSince,
} as const satisfies Record<string, (agent: AgentRecord) => string | number | boolean | null>;

/** The columns of `agents`, in the order of `agentValues`. */
export const AGENT_COLUMNS = Object.keys(COLUMNS);

const SELECTED = AGENT_COLUMNS.map((column) => `a.${column}`).join(', ');

/** The values of an agent's row. */
export function agentValues(agent: AgentRecord): readonly (string | number | boolean | null)[] {
  return Object.values(COLUMNS).map((valueOf) => valueOf(agent));
}

/** An agent from its row and the `candidacy` joined to it. */
export function agentRecord(row: RawRow): AgentRecord {
  return {
    state: {
      agentId: text(row.agent_id),
      tier: text(row.tier) as Tier,
      tierSince: integer(row.tier_since),
      suspended: Boolean(Number(row.suspended)),
      counters: {
        totalRuns: integer(row.total_runs),
        compliantRuns: integer(row.compliant_runs),
        consecutiveCompliantRuns: integer(row.consecutive_runs),
      },
      countersAtTier: {
        totalRuns: integer(row.total_at_tier),
        compliantRuns: integer(row.compliant_at_tier),
        consecutiveCompliantRuns: integer(row.consecutive_at_tier),
      },
      revocationCoolDownUntil: integerOrNull(row.revocation_cool_down_until),
      denialCoolDownUntil: integerOrNull(row.denial_cool_down_until),
      lastTierChangeSeq: integer(row.last_tier_change_seq),
      lastViolationSeq: integer(row.last_violation_seq),
    },
    ownerKey: textOrNull(row.owner_key),
    registeredAt: integer(row.registered_at),
    lastActiveAt: integerOrNull(row.last_active_at),
    retiredAt: integerOrNull(row.retired_at),
    candidacy: integerOrNull(row.candidacy),
    status: text(row.status) as PromotionStatus,
    changesAt: integerOrNull(row.changes_at),
    eligibleAt: integerOrNull(row.eligible_at),
    eligibleSince: integerOrNull(row.eligible_since),
  };
}

/** Selects agents with their open candidacy; `where` begins after the joins. */
export function selectAgents(where: string): string {
  return `SELECT ${SELECTED}, c.seq AS candidacy FROM agents a
    LEFT JOIN candidacies c ON c.agent_id = a.agent_id AND c.state = 'OPEN' ${where}`;
}
