import { canonicalText } from '../../../governance/ledger/digest.ts';
import { evaluate, isEligible, type Evaluation } from '../../../governance/evaluation.ts';
import type { Facts } from '../../../governance/facts.ts';
import {
  endOfCandidacy,
  foldEntry,
  stateByRule,
  UNKNOWN_AGENT,
  type AgentFold,
  type FoldedEntry,
} from '../../../governance/ledger/fold.ts';
import type { Policy } from '../../../governance/policy.ts';
import { nextTier } from '../../../governance/tier.ts';
import type { LedgerSnapshot } from '../../ports/ledger-archive.ts';
import type { AgentRecord } from '../../ports/agents.ts';
import type { Rows } from '../../rows.ts';
import { factsOf } from '../../standing/reevaluate.ts';
import type { EntryFacts, ReadEntry } from './facts-check.ts';
import type { ProblemLog } from './problems.ts';

/** What the agents' rows are held against beside their fold. */
export interface AgentsEnd {
  readonly snapshot: LedgerSnapshot;
  readonly policy: Policy | null;
}

type Told = Omit<FoldedEntry, 'payload'> & {
  readonly payload: FoldedEntry['payload'] & { readonly facts?: Facts; readonly fromTier?: string | null };
};

interface Folded {
  readonly agent: AgentFold;
  /** The row of its open candidacy, until an entry says how it ended. */
  readonly claim: Rows['candidacies'] | null;
}

const AGENTS_PER_BATCH = 500;

/** Folds every agent's entries, and holds each state, each candidacy and in the end each agent's row against the fold. */
export class AgentsCheck {
  readonly #log: ProblemLog;
  readonly #agents = new Map<string, Folded>();

  constructor(log: ProblemLog) {
    this.#log = log;
  }

  check(entry: ReadEntry, facts: EntryFacts): void {
    if (entry.agentId === null) return;
    const told = { ...entry, agentId: entry.agentId, payload: entry.read } as Told;
    const before = this.#agents.get(told.agentId) ?? { agent: UNKNOWN_AGENT, claim: null };
    this.#checkFacts(told, before.agent);
    this.#checkState(told, before.agent, facts);
    this.#checkOwner(told, before.agent, facts.formerOwners);
    const claim = this.#checkClaim(told, before, facts.candidacies[0] ?? null);
    const finishedAt = facts.runs[0]?.finishedAt ?? null;
    this.#agents.set(told.agentId, { agent: foldEntry(before.agent, told, finishedAt), claim });
  }

  /** Gives how many agents there are. */
  async finish({ snapshot, policy }: AgentsEnd): Promise<number> {
    const missing = new Map(this.#agents);
    let batch: AgentRecord[] = [];
    for (const record of snapshot.agents()) {
      const { agentId } = record.state;
      this.#checkRow(record, missing.get(agentId));
      missing.delete(agentId);
      batch.push(record);
      if (batch.length < AGENTS_PER_BATCH) continue;
      await this.#checkAnswers(batch, { snapshot, policy });
      batch = [];
    }
    await this.#checkAnswers(batch, { snapshot, policy });
    for (const [agentId, { agent }] of missing)
      this.#log.unless(agent.state === null, 'AGENT', { agentId }, 'The agent of these entries is missing.');
    return this.#agents.size;
  }

  /** A decision stands on the agent as it was, and on its open candidacy. */
  #checkFacts({ payload, ...place }: Told, before: AgentFold): void {
    if (payload.facts === undefined) return;
    const { state, candidacy } = payload.facts;
    const same = canonicalText(state) === canonicalText(before.state);
    this.#log.unless(same, 'VERDICT', place, 'It stands on another state than the agent had.');
    const open = place.type === 'AGENT_BECAME_ELIGIBLE' ? place.seq : (before.candidacy?.seq ?? null);
    this.#log.unless(
      candidacy === open,
      'VERDICT',
      place,
      'It stands on another candidacy than the open one.',
    );
  }

  #checkState(told: Told, before: AgentFold, { runs: [run], violations: [violation] }: EntryFacts): void {
    const { payload, ...place } = told;
    if (payload.after === undefined) return;
    const compliant = run === undefined ? (violation?.spoils ?? false) : !run.violatedAtOnce;
    try {
      const ruled = stateByRule(before, told, { compliant, inRun: violation?.inRun ?? false });
      const same = ruled === null || canonicalText(ruled) === canonicalText(payload.after);
      this.#log.unless(same, 'STATE', place, 'The rules give another state after it.');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#log.note('STATE', place, `It can't follow: ${error.message}.`);
    }
    const from = payload.fromTier === undefined || payload.fromTier === (before.state?.tier ?? null);
    this.#log.unless(from, 'STATE', place, 'It leaves another tier than the agent had.');
    const to = payload.toTier === undefined || payload.toTier === payload.after.tier;
    this.#log.unless(to, 'STATE', place, 'It leads to another tier than it says.');
  }

  /** Whoever an agent is taken from stands among its former owners: they can't decide on the claim that was open. */
  #checkOwner(told: Told, { ownerKey }: AgentFold, rows: EntryFacts['formerOwners']): void {
    const { payload, ...place } = told;
    const left = told.type === 'AGENT_UPDATED' && ownerKey !== null && ownerKey !== payload.owner;
    const expected = left ? [{ seq: told.seq, agentId: told.agentId, principalKey: ownerKey }] : [];
    const same = canonicalText(rows) === canonicalText(expected);
    this.#log.unless(same, 'OWNER', place, 'Its former owner is not the one that it took the agent from.');
  }

  #checkClaim(told: Told, { agent, claim }: Folded, row: Rows['candidacies'] | null): Folded['claim'] {
    const { payload, ...place } = told;
    const opens = told.type === 'AGENT_BECAME_ELIGIBLE';
    if (opens) {
      this.#log.unless(agent.candidacy === null, 'CANDIDACY', place, 'It opens a second candidacy.');
      const owner = payload.owner === agent.ownerKey;
      this.#log.unless(owner, 'STATE', place, 'It names another owner than the agent had.');
      if (row !== null) this.#checkOpening(told, row);
    }
    const end = endOfCandidacy(told);
    if (end === null) return opens ? row : claim;
    const open = agent.candidacy?.seq === end.candidacy;
    this.#log.unless(open, 'CANDIDACY', place, 'It ends a candidacy that is not open.');
    const said =
      claim?.state === end.state && claim.closedAt === told.at && claim.closedSeq === told.seq && open;
    const message = `Its candidacy, opened by entry ${end.candidacy}, does not say that it ended here.`;
    this.#log.unless(said, 'CANDIDACY', place, message);
    return null;
  }

  #checkOpening({ payload, ...place }: Told, row: Rows['candidacies']): void {
    const tier = payload.facts?.state.tier;
    const same =
      row.agentId === place.agentId &&
      row.openedAt === place.at &&
      row.fromTier === tier &&
      row.toTier === nextTier(row.fromTier) &&
      row.policy === (payload as { readonly policy?: string }).policy;
    this.#log.unless(same, 'CANDIDACY', place, 'Its candidacy is not the one that was opened.');
  }

  #checkRow(record: AgentRecord, folded: Folded | undefined): void {
    const { agentId } = record.state;
    const place = { agentId };
    if (folded?.agent.state === undefined || folded.agent.state === null) {
      this.#log.note('AGENT', place, 'No entry begins this agent.');
      return;
    }
    const { agent, claim } = folded;
    const state = canonicalText(record.state) === canonicalText(agent.state);
    this.#log.unless(state, 'AGENT', place, 'Its row is not what its entries come to.');
    const rest =
      record.ownerKey === agent.ownerKey &&
      record.registeredAt === agent.registeredAt &&
      record.lastActiveAt === agent.lastActiveAt &&
      record.retiredAt === agent.retiredAt &&
      record.eligibleSince === (agent.candidacy?.openedAt ?? null);
    this.#log.unless(rest, 'AGENT', place, 'Its owner or one of its times is not what its entries say.');
    const open = record.candidacy === (agent.candidacy?.seq ?? null);
    this.#log.unless(open, 'CANDIDACY', place, 'Its open candidacy is not the one that its entries say.');
    const untouched = claim === null || (claim.closedAt === null && claim.closedSeq === null);
    this.#log.unless(untouched, 'CANDIDACY', place, 'Its open candidacy says that it ended.');
  }

  /**
   * A stored answer is that of an evaluation at the head, or at a later instant at which time alone changed it: that leaves
   * no entry unless a candidacy begins or ends.
   */
  async #checkAnswers(agents: readonly AgentRecord[], { snapshot, policy }: AgentsEnd): Promise<void> {
    if (policy === null) return;
    for (const { state, candidacy, status } of agents) {
      const claims = (candidacy !== null) === isEligible(status);
      const message = 'It is eligible without a candidacy, or the other way.';
      this.#log.unless(claims, 'CANDIDACY', { agentId: state.agentId }, message);
    }
    const now = snapshot.head.recordedAt;
    let left = agents.map((agent) => ({ agent, asOf: Math.min(now, (agent.changesAt ?? Infinity) - 1) }));
    while (left.length > 0) {
      const asked = left;
      const records = asked.map(({ agent }) => agent);
      const facts = await factsOf(snapshot, policy, records, (index) => asked[index]?.asOf ?? now);
      left = asked.flatMap(({ agent }, index) => {
        const found = facts[index];
        if (found === undefined) return [];
        const evaluation = evaluate(policy, found);
        if (isAnswer(agent, evaluation)) return [];
        if (evaluation.changesAt !== null) return [{ agent, asOf: evaluation.changesAt }];
        const message = 'Its stored answer is not what the policy in force gives.';
        this.#log.note('AGENT', { agentId: agent.state.agentId }, message);
        return [];
      });
    }
  }
}

/** Whether a row holds what an evaluation gives. */
function isAnswer(agent: AgentRecord, { status, changesAt, eligibleAt }: Evaluation): boolean {
  const when = isEligible(status)
    ? agent.eligibleAt !== null && agent.eligibleAt >= (agent.eligibleSince ?? 0)
    : agent.eligibleAt === eligibleAt;
  return agent.status === status && agent.changesAt === changesAt && when;
}
