import { expect } from 'vitest';
import { evaluateAgents } from '../../../src/app/standing/evaluate-agents.ts';
import type { AgentRecord } from '../../../src/app/ports/agents.ts';
import type { Engine } from '../../../src/compose/engine.ts';
import type { Evaluation } from '../../../src/governance/evaluation.ts';
import type { Policy } from '../../../src/governance/policy.ts';
import type { HandClock } from '../../support/given-engine.ts';
import { VAL } from '../../support/given-principal.ts';
import type { NaiveView } from './naive-agent.ts';
import type { NaiveAgents } from './naive-agents.ts';
import { Telling } from './telling.ts';
import type { ToldStep } from './told-steps.ts';

interface Said {
  readonly agent: AgentRecord;
  readonly asOf: number;
  readonly evaluation: Evaluation | undefined;
}

const OWNERS = ['abe', 'ben', 'zoe'];

/** Tells steps to an engine and to the naive model, and compares what everybody sees after each. */
export class ComparedTelling {
  readonly #said: Said[] = [];
  readonly #telling: Telling;

  constructor(
    private readonly engine: Engine,
    private readonly clock: HandClock,
    private readonly naive: NaiveAgents,
    private readonly policy: Policy,
  ) {
    this.#telling = new Telling(clock, naive);
  }

  /** What everybody sees in the end. */
  get views(): readonly NaiveView[] {
    return this.naive.names.map((name) => this.naive.view(name));
  }

  /** Nobody looks while time passes: whatever comes next has to settle what it changed. */
  async tell(step: ToldStep): Promise<void> {
    await this.#telling.tell(this.engine.app, step);
    if (step.step !== 'ADVANCE') await this.compare(step);
  }

  /** What is stored, and what a full evaluation says now, are what the naive model says. */
  async compare(step: ToldStep | null = null): Promise<void> {
    const { app, contextFor } = this.engine;
    await contextFor(VAL);
    const { names } = this.naive;
    const found = await app.store.reader.agents(names);
    const agents = names.flatMap((name) => found.get(name) ?? []);
    const asOf = this.clock.now();
    const evaluations = await evaluateAgents(app.store.reader, this.policy, { agents, asOf, now: asOf });
    const keys = await app.store.reader.knownKeys(OWNERS);
    const ownerOf = ({ ownerKey }: AgentRecord) => OWNERS.find((id) => keys.get(id) === ownerKey) ?? null;
    const seen = agents.map((agent, index) => viewOf(agent, evaluations[index], ownerOf(agent)));
    expect(seen, JSON.stringify(step)).toEqual(names.map((name) => this.naive.view(name)));
    for (const [index, agent] of agents.entries()) {
      expect(agent.status).toBe(evaluations[index]?.status);
      expect(agent.changesAt).toBe(evaluations[index]?.changesAt);
      this.#said.push({ agent, asOf, evaluation: evaluations[index] });
    }
  }

  /** What was said at any instant is what is said of it now. */
  async comparePast(): Promise<void> {
    const now = this.clock.advance(1);
    for (const { agent, asOf, evaluation } of this.#said) {
      const [past] = await evaluateAgents(this.engine.app.store.reader, this.policy, {
        agents: [agent],
        asOf,
        now,
      });
      expect(past).toEqual(evaluation);
    }
  }
}

function viewOf(
  { state, status, eligibleSince, retiredAt }: AgentRecord,
  evaluation: Evaluation | undefined,
  owner: string | null,
): NaiveView {
  const { totalRuns, compliantRuns, consecutiveCompliantRuns } = state.counters;
  return {
    tier: state.tier,
    status,
    eligibleSince,
    owner,
    retired: retiredAt !== null,
    blockers: evaluation?.blockers.map((each) => each.kind) ?? [],
    met: evaluation?.requirements.map((each) => each.met) ?? [],
    coolDowns: [state.revocationCoolDownUntil, state.denialCoolDownUntil],
    counters: [totalRuns, compliantRuns, consecutiveCompliantRuns],
  };
}
