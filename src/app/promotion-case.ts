import { evaluate } from '../governance/evaluation.ts';
import type { Facts } from '../governance/facts.ts';
import type { Policy } from '../governance/policy.ts';
import type { Principal } from '../governance/principal.ts';
import { votingRole, type PromotionCase, type SelfApproval } from '../governance/promotion.ts';
import type { AgentRecord, Reader } from './ports.ts';

/** Who asks, and by which opaque key the ledger knows them (null: not yet). */
export interface Voter {
  readonly principal: Principal;
  readonly key: string | null;
}

type Bound = PromotionCase['bound'];

const UNKNOWN = 'unknown';

/**
 * The cases of a voter for agents, read set-wise: the command and `viewerCannotPromoteReasons` decide on the very same.
 * Whoever voted before and has recorded a run since is barred too.
 */
export async function promotionCases(
  reader: Reader,
  policy: Policy,
  ask: {
    readonly voter: Voter;
    readonly agents: readonly AgentRecord[];
    readonly facts: readonly Facts[];
    readonly bound: (agent: AgentRecord) => Bound;
  },
): Promise<readonly PromotionCase[]> {
  const key = ask.voter.key ?? UNKNOWN;
  const votes = await reader.votes(ask.agents.flatMap((agent) => agent.candidacy ?? []));
  const votesOf = (agent: AgentRecord) =>
    agent.candidacy === null ? [] : (votes.get(agent.candidacy) ?? []);
  const pairs = ask.agents.flatMap((agent) =>
    [key, ...votesOf(agent).map((vote) => vote.principalKey)].map((principalKey) => ({
      agentId: agent.state.agentId,
      principalKey,
    })),
  );
  const answers = await reader.haveRecorded(pairs);
  const recorded = new Set(
    pairs.filter((_, index) => answers[index]).map((pair) => `${pair.agentId} ${pair.principalKey}`),
  );
  const hasRecorded = (agent: AgentRecord, who: string) => recorded.has(`${agent.state.agentId} ${who}`);
  return ask.agents.flatMap((agent, index) => {
    const facts = ask.facts[index];
    if (facts === undefined) return [];
    const bar = barOf(ask.voter.principal, agent, {
      owns: agent.ownerKey === key,
      recorded: hasRecorded(agent, key),
    });
    return {
      agentId: agent.state.agentId,
      evaluation: evaluate(policy, facts),
      bound: ask.bound(agent),
      voter: { principalKey: key, role: votingRole(ask.voter.principal.roles), bar },
      votes: votesOf(agent).map((vote) => ({
        ...vote,
        barred: hasRecorded(agent, vote.principalKey) || agent.ownerKey === vote.principalKey,
      })),
    };
  });
}

function barOf(
  principal: Principal,
  agent: AgentRecord,
  { owns, recorded }: { readonly owns: boolean; readonly recorded: boolean },
): SelfApproval | null {
  if (principal.id === agent.state.agentId) return 'IS_AGENT';
  if (owns) return 'OWNS_AGENT';
  return recorded ? 'RECORDED_RUN' : null;
}
