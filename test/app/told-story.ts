import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evaluateAgents } from '../../src/app/evaluate-agents.ts';
import type { AgentRecord } from '../../src/app/ports.ts';
import type { Engine } from '../../src/compose.ts';
import { GovernanceError } from '../../src/governance/errors.ts';
import type { Evaluation } from '../../src/governance/evaluation.ts';
import type { Policy } from '../../src/governance/policy.ts';
import { promote } from '../support/given-agent.ts';
import { HandClock, openedEngine, START } from '../support/given-engine.ts';
import { ABE, ADA, ANN, BEN, person, service, VAL } from '../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { NaiveAgents, type NaiveView } from './naive-agents.ts';
import { soundLedger } from './sound-ledger.ts';
import type { ToldStep } from './told-steps.ts';

const VOTERS = [ANN, BEN, ADA, ABE];

/** Tells a story to an engine and to the naive model, and compares what everybody sees after every step. Gives what they see in the end. */
export async function tellStory(policy: Policy, steps: readonly ToldStep[]): Promise<readonly NaiveView[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-story-'));
  const file = join(folder, 'tierkeeper.db');
  const clock = new HandClock();
  const { engine, close } = await openedEngine({ file, clock, policy, cost: 5_000 });
  try {
    const told = new Telling(engine, clock, new NaiveAgents(policy, START), policy);
    for (const step of steps) await told.tell(step);
    await told.comparePast();
    return told.views;
  } finally {
    await close();
    await soundLedger(file, { now: clock.now(), policy });
    rmSync(folder, { recursive: true });
  }
}

interface Said {
  readonly agent: AgentRecord;
  readonly asOf: number;
  readonly evaluation: Evaluation | undefined;
}

class Telling {
  readonly #said: Said[] = [];
  readonly #runIds = new Map<string, Map<number, string>>();

  constructor(
    private readonly engine: Engine,
    private readonly clock: HandClock,
    private readonly naive: NaiveAgents,
    private readonly policy: Policy,
  ) {}

  /** What everybody sees in the end. */
  get views(): readonly NaiveView[] {
    return this.naive.names.map((name) => this.naive.view(name));
  }

  /** A millisecond passes first, so that no two steps happen at one instant. */
  async tell(step: ToldStep): Promise<void> {
    this.naive.advance(this.clock.advance(1));
    switch (step.step) {
      case 'RECORD':
        await this.#record(step);
        break;
      case 'REPORT':
        await this.#report(step);
        break;
      case 'PROMOTE':
        await this.#promote(step);
        break;
      case 'ADVANCE':
        this.naive.advance(this.clock.advance(step.by));
    }
    await this.#compare(step);
  }

  async #record({
    agentId,
    runs,
    times,
    recorder,
    owner,
  }: Extract<ToldStep, { step: 'RECORD' }>): Promise<void> {
    const now = this.clock.now();
    const [first, ...rest] = runs;
    if (first === undefined) return;
    const batch = [...Array.from({ length: times }, () => first), ...rest].map(({ actions, violations }) => ({
      actions: actions.map(({ ago, ...action }) => ({ ...action, occurredAt: now - ago })),
      violations: violations.map((ago) => now - ago),
    }));
    const isNew = !this.naive.names.includes(agentId);
    const before = this.naive.runsOf(agentId).length;
    this.naive.record(agentId, batch, { recorder, owner: isNew ? owner : null });
    const sent = batch.map(({ actions, violations }) =>
      givenRun(now, {
        agentId,
        owner: isNew ? owner : null,
        actions,
        violations: violations.map((occurredAt) => ({
          type: 'scope',
          severity: 'LOW',
          description: null,
          occurredAt,
        })),
      }),
    );
    const ids = this.#runIds.get(agentId) ?? new Map<number, string>();
    this.#runIds.set(agentId, ids);
    this.naive
      .runsOf(agentId)
      .slice(before)
      .forEach((event, index) => ids.set(event, sent[index]?.runId ?? ''));
    const by = recorder === 'ben' ? person('ben', ['RECORDER']) : service(recorder);
    const { outcomes } = await record(this.engine.app, sent, by);
    expect(outcomes.map((each) => each.status)).toEqual(sent.map(() => 'RECORDED'));
  }

  async #report({ agentId, ago, named }: Extract<ToldStep, { step: 'REPORT' }>): Promise<void> {
    const occurredAt = this.clock.now() - ago;
    const runs = this.naive.runsOf(agentId);
    const event = named === null || runs.length === 0 ? null : (runs[named % runs.length] ?? null);
    const runId = event === null ? null : (this.#runIds.get(agentId)?.get(event) ?? null);
    const expected = this.naive.report(agentId, occurredAt, event);
    const outcome = report(this.engine.app, givenReport(occurredAt, { agentId, runId }));
    expect(await outcome.then(() => 'REPORTED', codeOf)).toBe(expected);
  }

  async #promote({ agentId, voter: index }: Extract<ToldStep, { step: 'PROMOTE' }>): Promise<void> {
    const voter = VOTERS[index] ?? ANN;
    const role = voter.roles.includes('ADMIN') ? 'ADMIN' : 'REVIEWER';
    const expected = this.naive.promote(agentId, { id: voter.id, role });
    expect(await promote(this.engine.app, voter, agentId).then(({ kind }) => kind, codeOf)).toBe(expected);
  }

  /** What is stored, and what a full evaluation says now, are what the naive model says. */
  async #compare(step: ToldStep): Promise<void> {
    const { app, contextFor } = this.engine;
    await contextFor(VAL);
    const { names } = this.naive;
    const found = await app.store.reader.agents(names);
    const agents = names.flatMap((name) => found.get(name) ?? []);
    const asOf = this.clock.now();
    const evaluations = await evaluateAgents(app.store.reader, this.policy, { agents, asOf, now: asOf });
    const seen = agents.map((agent, index) => viewOf(agent, evaluations[index]));
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
  { state, status, eligibleSince }: AgentRecord,
  evaluation: Evaluation | undefined,
): NaiveView {
  const { totalRuns, compliantRuns, consecutiveCompliantRuns } = state.counters;
  return {
    ...{ tier: state.tier, status, eligibleSince },
    met: evaluation?.requirements.map((each) => each.met) ?? [],
    counters: [totalRuns, compliantRuns, consecutiveCompliantRuns],
  };
}

function codeOf(error: unknown): string {
  if (error instanceof GovernanceError) return error.code;
  throw error;
}
