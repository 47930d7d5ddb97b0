import { DemoRunsDocument, PromoteDocument, type RunInput } from '../../generated/graphql/cli.ts';
import type { Api } from '../api/api.ts';
import { ask } from '../api/ask.ts';
import { standOf } from './roster.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

/** How many runs an agent has behind it at T0, T1 and so on; it was promoted after all but the last number. */
const PAST: Readonly<Record<string, readonly number[]>> = {
  'payments-planner': [5],
  'network-gardener': [5, 6],
  'dns-keeper': [5, 6, 16],
  'cache-warmer': [5, 5, 6],
  'cert-renewer': [5, 3],
  'cluster-tuner': [5, 2],
  'storage-pruner': [5, 6, 16, 4],
  'log-shipper': [3],
};

const HOUR_MS = 3_600_000;
const HIGHEST = 3;
const RATIONALE = 'Its plans and changes were reviewed.';

/** Who writes the past, and what it takes of the world. */
export interface HistoryOptions {
  readonly recorder: Api;
  readonly reviewer: Api;
  readonly newId: () => string;
  readonly now: number;
}

/**
 * Gives new agents a past: some wait for people, one of them for a review; others are on their way at T0 to T3. Under a
 * policy that asks for more, they stay at the tier that they have earned.
 */
export async function writeHistory(
  agents: readonly SimulatedAgent[],
  { recorder, reviewer, newId, now }: HistoryOptions,
): Promise<void> {
  let present = agents;
  for (let level = 0; level <= HIGHEST; level += 1) {
    const runs = present.flatMap((agent) => pastRuns(agent, { level, newId, now }));
    if (runs.length === 0) return;
    const { recordRuns } = await ask(recorder, DemoRunsDocument, { input: { runs } });
    if (recordRuns.__typename !== 'RunsRecorded') return;
    for (const known of recordRuns.agents)
      present.find(({ agentId }) => agentId === known.agentId)?.hear(standOf(known));
    present = await promoted(
      present.filter(({ agentId }) => PAST[agentId]?.[level + 1] !== undefined),
      { reviewer, newId },
    );
  }
}

function pastRuns(
  agent: SimulatedAgent,
  { level, newId, now }: { readonly level: number } & Pick<HistoryOptions, 'newId' | 'now'>,
): readonly RunInput[] {
  const count = PAST[agent.agentId]?.[level] ?? 0;
  // Each tier took a day; the last run of the last was some hours ago.
  const ends = (run: number) => now - (24 * (HIGHEST + 1 - level) - run) * HOUR_MS;
  return Array.from({ length: count }, (_, run) => agent.run(`demo-${newId().slice(0, 12)}`, ends(run)));
}

async function promoted(
  agents: readonly SimulatedAgent[],
  { reviewer, newId }: Pick<HistoryOptions, 'reviewer' | 'newId'>,
): Promise<readonly SimulatedAgent[]> {
  const gone: SimulatedAgent[] = [];
  for (const agent of agents) {
    const input = { agentId: agent.agentId, idempotencyKey: newId(), rationale: RATIONALE };
    const { promoteAgent } = await ask(reviewer, PromoteDocument, { input });
    if (promoteAgent.__typename !== 'AgentPromoted') continue;
    agent.hear({ tier: promoteAgent.promotion.toTier, waits: false, isHeld: false });
    gone.push(agent);
  }
  return gone;
}
