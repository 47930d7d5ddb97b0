import { candidacyTransition } from '../../governance/candidacy.ts';
import { evaluate, type Evaluation } from '../../governance/evaluation.ts';
import { factsNeeded, type Policy } from '../../governance/policy.ts';
import type { EntryPayloads } from '../../governance/ledger/entries.ts';
import { DAY, type Facts } from '../../governance/facts.ts';
import { verdictOf } from '../../governance/ledger/proof.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Reader, WriteTransaction } from '../ports/store.ts';

/** What made a new evaluation necessary: `cause` is the entry, or null for time alone. */
export interface Change {
  readonly at: number;
  readonly cause: number | null;
  /** The opaque key of whoever caused it. */
  readonly actor: string;
}

/** The facts of agents as they are stored, each at an instant. */
export async function factsOf(
  reader: Pick<Reader, 'facts'>,
  policy: Policy,
  agents: readonly Pick<AgentRecord, 'state' | 'candidacy'>[],
  asOf: (index: number) => number,
): Promise<readonly Facts[]> {
  return reader.facts(
    agents.map(({ state, candidacy }, index) => ({
      state,
      candidacy,
      since: asOf(index) - policy.windowDays * DAY,
      asOf: asOf(index),
      needed: factsNeeded(policy, state.tier),
    })),
  );
}

/** An agent after an evaluation, and the facts that it has now. */
export interface Reevaluated {
  readonly agent: AgentRecord;
  readonly facts: Facts;
}

/**
 * Re-evaluates agents after a change (a new agent has been saved already), opens and closes their candidacies, and saves
 * them with their new stored answer: every transaction that touches an agent ends with this.
 */
export async function reevaluate(
  tx: WriteTransaction,
  agents: readonly AgentRecord[],
  change: Change | ((agent: AgentRecord) => Change),
): Promise<readonly Reevaluated[]> {
  if (agents.length === 0) return [];
  const changeOf = typeof change === 'function' ? change : () => change;
  const changes = agents.map(changeOf);
  const facts = await factsOf(tx, tx.inForce, agents, (index) => changes[index]?.at ?? tx.now);
  return agents.map((agent, index) => applyFacts(tx, agent, facts[index], changes[index]));
}

function applyFacts(
  tx: WriteTransaction,
  agent: AgentRecord,
  facts: Facts | undefined,
  change: Change | undefined,
): Reevaluated {
  if (facts === undefined || change === undefined)
    throw new RangeError('Facts came back for fewer agents than asked.');
  const evaluation = evaluate(tx.inForce, facts);
  const applied = applyEvaluation(tx, agent, { facts, evaluation, change });
  return { agent: applied, facts: { ...facts, candidacy: applied.candidacy } };
}

/** A new evaluation of an agent and what led to it. */
export interface NewEvaluation {
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  readonly change: Change;
}

/** Applies a new evaluation: the candidacy's transition with its entry, then the stored answer. */
export function applyEvaluation(tx: WriteTransaction, agent: AgentRecord, next: NewEvaluation): AgentRecord {
  const { evaluation } = next;
  const answered = {
    ...agent,
    status: evaluation.status,
    changesAt: evaluation.changesAt,
    eligibleAt: evaluation.eligibleAt,
  };
  const saved = transition(tx, answered, next);
  tx.saveAgent(saved);
  return saved;
}

function transition(tx: WriteTransaction, agent: AgentRecord, next: NewEvaluation): AgentRecord {
  switch (candidacyTransition(agent.candidacy !== null, next.evaluation)) {
    case 'STAYS':
      return agent;
    case 'OPENS':
      return open(tx, agent, next);
    case 'LAPSES':
      return agent.candidacy === null ? agent : lapse(tx, agent, agent.candidacy, next);
  }
}

/** The entry's own facts name the candidacy it opens, so that its evidence is the one that an approval will stand on. */
function open(
  tx: WriteTransaction,
  agent: AgentRecord,
  { facts, evaluation, change }: NewEvaluation,
): AgentRecord {
  const candidacy = tx.nextSeq();
  const own = { ...facts, candidacy };
  const payload: EntryPayloads['AGENT_BECAME_ELIGIBLE'] = {
    ...verdictOf(own, evaluate(tx.inForce, own)),
    owner: agent.ownerKey,
    retired: agent.retiredAt !== null,
  };
  const { agentId } = agent.state;
  tx.append({ type: 'AGENT_BECAME_ELIGIBLE', at: change.at, agentId, actor: change.actor, payload });
  tx.insert('candidacies', {
    seq: candidacy,
    agentId,
    state: 'OPEN',
    fromTier: evaluation.currentTier,
    toTier: evaluation.targetTier,
    policy: evaluation.policy,
    openedAt: change.at,
    closedAt: null,
    closedSeq: null,
  });
  return { ...agent, candidacy, eligibleSince: change.at };
}

/** Ends an open candidacy because its agent is no longer eligible, or no longer for the same step. */
export function lapse(
  tx: WriteTransaction,
  agent: AgentRecord,
  candidacy: number,
  { facts, evaluation, change }: NewEvaluation,
): AgentRecord {
  const closedBy = tx.append({
    type: 'ELIGIBILITY_LOST',
    at: change.at,
    agentId: agent.state.agentId,
    actor: change.actor,
    payload: { ...verdictOf(facts, evaluation), candidacy, cause: change.cause },
  });
  tx.closeCandidacy(candidacy, 'LAPSED', closedBy);
  return { ...agent, candidacy: null, eligibleSince: null };
}
