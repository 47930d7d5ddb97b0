import { evaluate, type Evaluation } from '../../governance/evaluation.ts';
import type { Policy } from '../../governance/policy.ts';
import { NO_RUNS } from '../../governance/run-counters.ts';
import type { AgentRecord, PastAgent } from '../ports/agents.ts';
import type { Reader } from '../ports/store.ts';
import { factsOf } from './reevaluate.ts';

/**
 * Evaluates agents at an instant, under a policy. The past uses what was recorded by then; the future answers for the
 * case that nothing else happens.
 */
export async function evaluateAgents(
  reader: Reader,
  policy: Policy,
  ask: { readonly agents: readonly AgentRecord[]; readonly asOf: number; readonly now: number },
): Promise<readonly Evaluation[]> {
  const agents = ask.asOf < ask.now ? await pastAgents(reader, ask.agents, ask.asOf) : ask.agents;
  const facts = await factsOf(reader, policy, agents, () => ask.asOf);
  return facts.map((each) => evaluate(policy, each));
}

async function pastAgents(
  reader: Reader,
  agents: readonly AgentRecord[],
  asOf: number,
): Promise<readonly PastAgent[]> {
  const past = await reader.statesAt(
    agents.map((agent) => agent.state.agentId),
    asOf,
  );
  return agents.map(({ state: { agentId } }) => past.get(agentId) ?? beforeFirstEntry(agentId, asOf));
}

/** Before its first entry an agent is T0 with zeros. */
function beforeFirstEntry(agentId: string, asOf: number): PastAgent {
  return {
    state: {
      agentId,
      tier: 'T0',
      tierSince: asOf,
      suspended: false,
      counters: NO_RUNS,
      countersAtTier: NO_RUNS,
      revocationCoolDownUntil: null,
      denialCoolDownUntil: null,
      lastTierChangeSeq: 0,
      lastViolationSeq: 0,
    },
    candidacy: null,
  };
}
