import { evaluate } from '../../governance/evaluation.ts';
import type { Facts } from '../../governance/facts.ts';
import type { Policy } from '../../governance/policy.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { votingRole, type PromotionCase } from '../../governance/promotion.ts';
import type { SelfApproval } from '../../governance/principals/self-approval.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Involvement } from '../ports/people.ts';
import type { Reader } from '../ports/store.ts';

/** Who asks, and by which opaque key the ledger knows them (null: not yet). */
export interface Voter {
  readonly principal: Principal;
  readonly key: string | null;
}

type Bound = PromotionCase['bound'];

const UNKNOWN = 'unknown';

const STRANGER: Involvement = { recorded: false, owned: false };

/**
 * The cases of a voter for agents, read set-wise: the commands and what the API says of them decide on the very same.
 * Whoever voted before and has recorded a run since, or has been given the agent, is barred too.
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
  const barOf = await bars(
    reader,
    ask.agents.flatMap((agent) =>
      [key, ...votesOf(agent).map((vote) => vote.principalKey)].map((who) => ({ agent, who })),
    ),
  );
  return ask.agents.flatMap((agent, index) => {
    const facts = ask.facts[index];
    if (facts === undefined) return [];
    const { agentId } = agent.state;
    const bar = ask.voter.principal.id === agentId ? 'IS_AGENT' : barOf(agent, key);
    return {
      agentId,
      evaluation: evaluate(policy, facts),
      bound: ask.bound(agent),
      voter: { principalKey: key, role: votingRole(ask.voter.principal.roles), bar },
      votes: votesOf(agent).map((vote) => ({ ...vote, barred: barOf(agent, vote.principalKey) !== null })),
    };
  });
}

/** What bars people from deciding on agents, all of it looked up at once. */
async function bars(
  reader: Reader,
  pairs: readonly { readonly agent: AgentRecord; readonly who: string }[],
): Promise<(agent: AgentRecord, who: string) => SelfApproval | null> {
  const found = await reader.involvements(
    pairs.map(({ agent, who }) => ({
      agentId: agent.state.agentId,
      principalKey: who,
      since: agent.candidacy,
    })),
  );
  const nameOf = (agent: AgentRecord, who: string) => `${agent.state.agentId} ${who}`;
  const involved = new Map(pairs.map(({ agent, who }, index) => [nameOf(agent, who), found[index]]));
  return (agent, who) => {
    const { recorded, owned } = involved.get(nameOf(agent, who)) ?? STRANGER;
    if (agent.ownerKey === who) return 'OWNS_AGENT';
    if (owned) return 'OWNED_AGENT';
    return recorded ? 'RECORDED_RUN' : null;
  };
}
