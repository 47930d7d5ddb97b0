import type { Policy } from '../../../src/governance/policy.ts';
import type { Tier } from '../../../src/governance/tier.ts';
import { instantsOf } from '../../governance/naive-evaluation.ts';
import {
  NaiveAgent,
  type NaiveRun,
  type NaiveView,
  type NaiveViolation,
  type NaiveVoter,
} from './naive-agent.ts';

/** A claim that opened, or lapsed. */
export interface NaiveTransition {
  readonly agentId: string;
  readonly type: 'AGENT_BECAME_ELIGIBLE' | 'ELIGIBILITY_LOST';
  readonly at: number;
}

/** Agents in memory, by the words of the rules; every command says what it comes to, or the code of its refusal. */
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

  /** The positions of an agent's runs among its events. */
  runsOf(agentId: string): readonly number[] {
    return this.#agents.get(agentId)?.runs ?? [];
  }

  /** Time goes on: each claim opens and lapses at its own instant. */
  advance(to: number): void {
    for (const [agentId, agent] of this.#agents)
      for (const instant of instantsOf(this.policy, agent.story, this.now))
        if (instant <= to) this.#turn(agentId, agent, instant);
    this.now = to;
  }

  /** Records runs of an agent in one batch; the first one registers it, with its owner. */
  record(
    agentId: string,
    runs: readonly NaiveRun[],
    by: { readonly recorder: string; readonly owner: string | null },
  ): void {
    const agent = this.#agents.get(agentId) ?? new NaiveAgent(this.policy, agentId, this.now, by.owner);
    this.#agents.set(agentId, agent);
    for (const run of runs) agent.record(this.now, run, by.recorder);
    this.#turn(agentId, agent, this.now);
  }

  /** Reports a violation; `named` is the position of its run among the agent's events. */
  report(agentId: string, violation: NaiveViolation, named: number | null): string {
    return this.#tell(agentId, (agent) => {
      agent.report(this.now, violation, named);
      return 'REPORTED';
    });
  }

  promote(agentId: string, voter: NaiveVoter): string {
    return this.#tell(agentId, (agent) => agent.promote(this.now, voter));
  }

  deny(agentId: string, voter: NaiveVoter): string {
    return this.#tell(agentId, (agent) => agent.deny(this.now, voter));
  }

  revoke(agentId: string, asked: { readonly toTier: Tier | null; readonly suspend: boolean }): string {
    if (asked.toTier === null && !asked.suspend) return 'VALIDATION';
    return this.#tell(agentId, (agent) => agent.revoke(this.now, asked));
  }

  reinstate(agentId: string, { role }: NaiveVoter): string {
    if (role !== 'ADMIN') return 'FORBIDDEN';
    return this.#tell(agentId, (agent) => agent.reinstate());
  }

  update(
    agentId: string,
    { role }: NaiveVoter,
    asked: { readonly owner: string | null; readonly retired: boolean | null },
  ): string {
    if (asked.owner === null && asked.retired === null) return 'VALIDATION';
    if (role !== 'ADMIN') return 'FORBIDDEN';
    return this.#tell(agentId, (agent) => agent.update(asked));
  }

  /** What everybody sees of an agent now. */
  view(agentId: string): NaiveView {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw new Error(`There is no agent ${agentId}.`);
    return agent.view(this.now);
  }

  #tell(agentId: string, command: (agent: NaiveAgent) => string): string {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return 'AGENT_NOT_FOUND';
    const outcome = command(agent);
    this.#turn(agentId, agent, this.now);
    return outcome;
  }

  #turn(agentId: string, agent: NaiveAgent, at: number): void {
    const type = agent.turn(at);
    if (type !== null) this.#transitions.push({ agentId, type, at });
  }
}
