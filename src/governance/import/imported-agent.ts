import type { AgentState } from '../agent-state.ts';
import { AGENT_ID_RULE, isAgentId } from '../agent-id.ts';
import { rowProblem, shown, type ImportProblem, type Judged } from './imported-problem.ts';
import type { OriginalRows, OriginalValue } from './imported-rows.ts';
import { importedTime, timeProblem } from './imported-time.ts';
import { NO_RUNS, type RunCounters } from '../run-counters.ts';
import { tierOf, type Tier } from '../tier.ts';

type Row = Omit<OriginalRows['agent_metrics'], 'namesakes'>;

/** An agent as its row in an original ledger gives it. */
export interface ImportedAgent {
  readonly agentId: string;
  readonly tier: Tier;
  readonly counters: RunCounters;
  readonly lastActiveAt: number | null;
}

const MOST_RUNS = 2 ** 31 - 1;

/** An agent, or null if it can't be one here; whatever is unclear about its counters never helps it. */
export function importedAgent(row: Row, notAfter: number): Judged<ImportedAgent | null> {
  const problems: ImportProblem[] = [];
  const report = (kind: ImportProblem['kind'], message: string) =>
    problems.push(rowProblem('agent_metrics', row, { kind, message }));
  const agentId = typeof row.agentId === 'string' && isAgentId(row.agentId) ? row.agentId : null;
  const tier = typeof row.currentTier === 'number' ? tierOf(row.currentTier) : null;
  if (agentId === null)
    report('AGENT_ID_INVALID', `The agent ${shown(row.agentId)} is not imported: ${AGENT_ID_RULE}.`);
  else if (tier === null)
    report(
      'TIER_INVALID',
      `The tier ${shown(row.currentTier)} is no integer 0–4; the agent is not imported.`,
    );
  if (agentId === null || tier === null) return { fact: null, problems };
  const counters = countersOf(row, (message) => report('COUNTER_UNCLEAR', message));
  const lastActiveAt = importedTime(row.lastActiveAt, notAfter);
  if (lastActiveAt === null && row.lastActiveAt !== null)
    report(
      'TIME_UNREADABLE',
      `${timeProblem(row.lastActiveAt, notAfter)}; last_active_at counts as unknown.`,
    );
  return { fact: { agentId, tier, counters, lastActiveAt }, problems };
}

/** Counts that contradict each other are 0; a total_runs of NULL is unknown, and contradicts nothing. */
function countersOf(row: Row, report: (message: string) => void): RunCounters {
  const read = (column: string, value: OriginalValue) => {
    const count = countOf(value);
    if (count === null) report(`${column} is ${shown(value)}, which is no count of runs; it counts as 0.`);
    return count ?? 0;
  };
  const above = (column: string, count: number, [limit, most]: readonly [string, number]) => {
    if (count <= most) return false;
    report(`${column} is ${count}, above ${limit} of ${most}; it counts as 0.`);
    return true;
  };
  const compliant = read('compliant_runs', row.compliantRuns);
  const streak = read('consecutive_compliant', row.consecutiveCompliant);
  const totalRuns = row.totalRuns === null ? Math.max(compliant, streak) : read('total_runs', row.totalRuns);
  const compliantRuns = above('compliant_runs', compliant, ['total_runs', totalRuns]) ? 0 : compliant;
  const unclear =
    above('consecutive_compliant', streak, ['total_runs', totalRuns]) ||
    above('consecutive_compliant', streak, ['compliant_runs', compliantRuns]);
  return { totalRuns, compliantRuns, consecutiveCompliantRuns: unclear ? 0 : streak };
}

function countOf(value: OriginalValue): number | null {
  if (value === null) return 0;
  const isCount = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_RUNS;
  return isCount ? value : null;
}

/** What an imported agent's AGENT_IMPORTED entry, number `seq`, adds to its row. */
export interface ImportedBase {
  readonly seq: number;
  readonly tierSince: number;
  readonly lastViolationSeq: number;
}

/** The state an imported agent begins with; of what it did at its tier nothing is known. */
export function importedState({ agentId, tier, counters }: ImportedAgent, base: ImportedBase): AgentState {
  return {
    agentId,
    tier,
    tierSince: base.tierSince,
    suspended: false,
    counters,
    countersAtTier: NO_RUNS,
    revocationCoolDownUntil: null,
    denialCoolDownUntil: null,
    lastTierChangeSeq: base.seq,
    lastViolationSeq: base.lastViolationSeq,
  };
}
