// What the rules of recording, candidacy and promotion say of a few agents, written from their words alone: everything is
// kept, and everything is counted anew whenever somebody asks. It shares nothing with src but the shape of a policy.
import type { Policy } from '../../src/governance/policy.ts';
import { instantsOf, naiveAnswer } from '../governance/naive-evaluation.ts';
import type { Event, Story } from '../governance/story.ts';

const TIERS = ['T0', 'T1', 'T2', 'T3', 'T4'];

/** Who may vote, and as what. */
export interface NaiveVoter {
  readonly id: string;
  readonly role: 'REVIEWER' | 'ADMIN';
}

interface NaiveAgent {
  readonly registeredAt: number;
  readonly events: Event[];
  readonly owner: string | null;
  readonly recorders: Set<string>;
  candidacy: { readonly openedAt: number; readonly votes: Map<string, NaiveVoter['role']> } | null;
}

/** A claim that opened, or lapsed. */
export interface NaiveTransition {
  readonly agentId: string;
  readonly type: 'AGENT_BECAME_ELIGIBLE' | 'ELIGIBILITY_LOST';
  readonly at: number;
}

/** What everybody can see of an agent. */
export interface NaiveView {
  readonly tier: string;
  readonly status: string;
  readonly met: readonly boolean[];
  readonly eligibleSince: number | null;
  readonly counters: readonly number[];
}

/** Agents in memory. */
export class NaiveAgents {
  readonly #agents = new Map<string, NaiveAgent>();
  readonly #transitions: NaiveTransition[] = [];

  constructor(
    private readonly policy: Policy,
    private now: number,
  ) {}

  get names(): readonly string[] {
    return [...this.#agents.keys()];
  }

  /** Every claim that opened or lapsed so far, each agent's in order. */
  get transitions(): readonly NaiveTransition[] {
    return this.#transitions;
  }

  /** How many runs an agent has. */
  runsOf(agentId: string): readonly number[] {
    const events = this.#agents.get(agentId)?.events ?? [];
    return events.flatMap((event, index) => (event.type === 'RUN' ? [index] : []));
  }

  /** Time goes on: each claim opens and lapses at its own instant. */
  advance(to: number): void {
    for (const [agentId, agent] of this.#agents)
      for (const instant of instantsOf(this.policy, this.#story(agentId), this.now))
        if (instant <= to) this.#turn(agentId, agent, instant);
    this.now = to;
  }

  /** Records runs of an agent in one batch; the first one registers it, with its owner. */
  record(
    agentId: string,
    runs: readonly Omit<Event & { type: 'RUN' }, 'at' | 'type'>[],
    by: { recorder: string; owner: string | null },
  ): void {
    const known = this.#agents.get(agentId);
    const agent = known ?? {
      registeredAt: this.now,
      events: [],
      owner: by.owner,
      recorders: new Set<string>(),
      candidacy: null,
    };
    this.#agents.set(agentId, agent);
    agent.recorders.add(by.recorder);
    for (const run of runs) agent.events.push({ type: 'RUN', at: this.now, ...run });
    this.#turn(agentId, agent, this.now);
  }

  /** Reports a violation; `named` is the position of its run among the agent's events. */
  report(agentId: string, occurredAt: number, named: number | null): string {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return 'AGENT_NOT_FOUND';
    agent.events.push({ type: 'REPORT', at: this.now, occurredAt, named });
    this.#turn(agentId, agent, this.now);
    return 'REPORTED';
  }

  /** A vote: what it comes to, or the code of its refusal. */
  promote(agentId: string, voter: NaiveVoter): string {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return 'AGENT_NOT_FOUND';
    const tier = this.#tier(agent);
    if (tier === 'T4') return 'MAXIMUM_TIER';
    if (agent.candidacy === null) return 'NOT_ELIGIBLE';
    const barred = (id: string) => id === agentId || id === agent.owner || agent.recorders.has(id);
    if (barred(voter.id)) return 'SELF_APPROVAL';
    if (agent.candidacy.votes.has(voter.id)) return 'DUPLICATE_APPROVAL';
    agent.candidacy.votes.set(voter.id, voter.role);
    const counting = [...agent.candidacy.votes].filter(([id]) => !barred(id)).map(([, role]) => role);
    if (!this.#suffices(tier, counting)) return 'APPROVED';
    agent.candidacy = null;
    agent.events.push({ type: 'PROMOTION', at: this.now });
    this.#turn(agentId, agent, this.now);
    return 'PROMOTED';
  }

  /** What everybody sees of an agent now. */
  view(agentId: string): NaiveView {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw new Error(`There is no agent ${agentId}.`);
    const { status, met } = naiveAnswer(this.policy, this.#story(agentId), this.now);
    const eligibleSince = agent.candidacy?.openedAt ?? null;
    return { tier: this.#tier(agent), status, met, eligibleSince, counters: this.#counters(agent) };
  }

  #tier(agent: NaiveAgent): string {
    return TIERS[agent.events.filter((event) => event.type === 'PROMOTION').length] ?? 'T4';
  }

  /** Admins fill needs of admins first; those left over fill needs of reviewers. */
  #suffices(tier: string, roles: readonly string[]): boolean {
    const needs = this.policy.steps.find((step) => step.from === tier)?.needs ?? [];
    const needed = (role: string) => needs.find((need) => need.role === role)?.count ?? 0;
    const admins = roles.filter((role) => role === 'ADMIN').length;
    const spare = admins - needed('ADMIN');
    return spare >= 0 && roles.length - admins + spare >= needed('REVIEWER');
  }

  #counters({ events }: NaiveAgent): readonly number[] {
    const spoilt = new Set(events.map((event) => (event.type === 'REPORT' ? event.named : null)));
    const runs = events.flatMap((event, index) =>
      event.type === 'RUN' ? [{ index, violations: event.violations.length }] : [],
    );
    const last = events.findLastIndex(
      (event) => event.type === 'REPORT' || (event.type === 'RUN' && event.violations.length > 0),
    );
    return [
      runs.length,
      runs.filter(({ index, violations }) => violations === 0 && !spoilt.has(index)).length,
      runs.filter(({ index }) => index > last).length,
    ];
  }

  #turn(agentId: string, agent: NaiveAgent, at: number): void {
    const { status } = naiveAnswer(this.policy, this.#story(agentId), at);
    const eligible = status === 'ELIGIBLE' || status === 'PENDING_REVIEW';
    if (eligible === (agent.candidacy !== null)) return;
    agent.candidacy = eligible ? { openedAt: at, votes: new Map() } : null;
    const type = eligible ? 'AGENT_BECAME_ELIGIBLE' : 'ELIGIBILITY_LOST';
    this.#transitions.push({ agentId, type, at });
  }

  #story(agentId: string): Story {
    const agent = this.#agents.get(agentId);
    const people = {
      candidacy: null,
      suspended: false,
      revocationCoolDownUntil: null,
      denialCoolDownUntil: null,
    };
    return { agentId, registeredAt: agent?.registeredAt ?? 0, events: agent?.events ?? [], ...people };
  }
}
