import type { AgentState } from '../../governance/agent-state.ts';
import type { CandidacyState } from '../../governance/candidacy.ts';
import type { ChainedEntry } from '../../governance/ledger/chain.ts';
import type { PromotionStatus } from '../../governance/evaluation.ts';
import type { Facts, FactsNeeded } from '../../governance/facts.ts';
import type { RevocationRule } from '../../governance/policy.ts';
import type { Tier } from '../../governance/tier.ts';

/** An agent as its row holds it: the fold of its entries, and the stored answer. */
export interface AgentRecord {
  readonly state: AgentState;
  readonly ownerKey: string | null;
  readonly registeredAt: number;
  readonly lastActiveAt: number | null;
  readonly retiredAt: number | null;
  /** The open candidacy, by the entry that opened it. */
  readonly candidacy: number | null;
  readonly status: PromotionStatus;
  readonly changesAt: number | null;
  readonly eligibleAt: number | null;
  readonly eligibleSince: number | null;
}

/** An agent as it was. */
export interface PastAgent {
  readonly state: AgentState;
  readonly candidacy: number | null;
}

/** One agent to look up facts for, at an instant. */
export interface FactsRequest {
  readonly state: AgentState;
  readonly candidacy: number | null;
  /** The window, both ends inclusive. */
  readonly since: number;
  readonly asOf: number;
  readonly needed: FactsNeeded;
}

/** A rule of revocation that counts the violations of an agent in the window, which begins at `since`. */
export interface CountRequest {
  readonly agentId: string;
  readonly rule: Pick<RevocationRule, 'name' | 'severity' | 'violations'>;
  readonly since: number;
}

/** How the fleet and the ledger stand, for whoever watches over them. */
export interface Measures {
  readonly seq: number;
  /** The smallest stored `changesAt`, or null. */
  readonly nextChange: number | null;
  /** When the open candidacy that waits longest was opened, or null. */
  readonly oldestCandidacy: number | null;
  /** How many agents that are not retired have each tier and status, none too. */
  readonly agents: readonly {
    readonly tier: Tier;
    readonly status: PromotionStatus;
    readonly count: number;
  }[];
}

/** Reads agents and what is counted about them. Results stand in the order of what was asked. */
export interface AgentReader {
  agents(agentIds: readonly string[]): Promise<ReadonlyMap<string, AgentRecord>>;
  /** Agents in the order of their names, those after a name. */
  agentsAfter(agentId: string, limit: number): Promise<readonly AgentRecord[]>;
  /** Agents whose stored answer has changed by an instant, the earliest change first. */
  dueAgents(now: number, limit: number): Promise<readonly AgentRecord[]>;
  /** The smallest stored `changesAt`, or null. */
  nextChange(): Promise<number | null>;
  facts(requests: readonly FactsRequest[]): Promise<readonly Facts[]>;
  /** The state and open candidacy of each agent at an instant; null before its first entry. */
  statesAt(agentIds: readonly string[], asOf: number): Promise<ReadonlyMap<string, PastAgent>>;
  measures(): Promise<Measures>;
}

/** Changes agents, their candidacies and runs. */
export interface AgentWriter {
  saveAgent(agent: AgentRecord): void;
  closeCandidacy(seq: number, state: Exclude<CandidacyState, 'OPEN'>, closedBy: ChainedEntry): void;
  /** Marks a run as no longer compliant, because a violation was reported later. */
  spoilRun(seq: number): void;
  /** How many violations stand for each rule that it has not revoked for yet; as many as any rule counts are enough. */
  unconsumed(requests: readonly CountRequest[]): Promise<readonly number[]>;
}
