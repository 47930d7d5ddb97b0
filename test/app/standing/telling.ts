import { expect } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { GovernanceError } from '../../../src/governance/errors.ts';
import type { Principal } from '../../../src/governance/principals/principal.ts';
import { promote } from '../../support/given-agent.ts';
import { deny, reinstate, revoke, update } from '../../support/given-authority.ts';
import type { HandClock } from '../../support/given-engine.ts';
import { ABE, ADA, ANN, BEN, person, service } from '../../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import type { NaiveAgents } from './naive-agents.ts';
import type { ToldDecision, ToldStep } from './told-steps.ts';

const VOTERS = [ANN, BEN, ADA, ABE];

/** Tells steps to an engine and to the naive model alike; each command must come to the same in both. */
export class Telling {
  readonly #runIds = new Map<string, Map<number, string>>();

  constructor(
    private readonly clock: HandClock,
    private readonly naive: NaiveAgents,
  ) {}

  /** A millisecond passes first, so that no two steps happen at one instant. */
  async tell(app: App, step: ToldStep): Promise<void> {
    this.advance(1);
    switch (step.step) {
      case 'RECORD':
        return this.#record(app, step);
      case 'REPORT':
        return this.#report(app, step);
      case 'ADVANCE':
        this.advance(step.by);
        break;
      case 'PROMOTE':
      case 'DENY':
      case 'REVOKE':
      case 'REINSTATE':
      case 'UPDATE': {
        const expected = this.#expected(step);
        expect(await decide(app, step).catch(codeOf), JSON.stringify(step)).toBe(expected);
      }
    }
  }

  /** Time goes on. */
  advance(by: number): void {
    this.naive.advance(this.clock.advance(by));
  }

  async #record(
    app: App,
    { agentId, runs, times, recorder, owner }: Extract<ToldStep, { step: 'RECORD' }>,
  ): Promise<void> {
    const now = this.clock.now();
    const [first, ...rest] = runs;
    if (first === undefined) return;
    const batch = [...Array.from({ length: times }, () => first), ...rest].map(({ actions, violations }) => ({
      actions: actions.map(({ ago, ...action }) => ({ ...action, occurredAt: now - ago })),
      violations: violations.map(({ ago, severity }) => ({ severity, occurredAt: now - ago })),
    }));
    const isNew = !this.naive.names.includes(agentId);
    const before = this.naive.runsOf(agentId).length;
    this.naive.record(agentId, batch, { recorder, owner: isNew ? owner : null });
    const sent = batch.map(({ actions, violations }) =>
      givenRun(now, {
        agentId,
        owner: isNew ? owner : null,
        actions,
        violations: violations.map((each) => ({ type: 'scope', description: null, ...each })),
      }),
    );
    const ids = this.#runIds.get(agentId) ?? new Map<number, string>();
    this.#runIds.set(agentId, ids);
    this.naive
      .runsOf(agentId)
      .slice(before)
      .forEach((event, index) => ids.set(event, sent[index]?.runId ?? ''));
    const by = recorder === 'ben' ? person('ben', ['RECORDER']) : service(recorder);
    const { outcomes } = await record(app, sent, by);
    expect(outcomes.map((each) => each.status)).toEqual(sent.map(() => 'RECORDED'));
  }

  async #report(app: App, step: Extract<ToldStep, { step: 'REPORT' }>): Promise<void> {
    const { agentId, named } = step;
    const { ago, severity } = step.violation;
    const occurredAt = this.clock.now() - ago;
    const runs = this.naive.runsOf(agentId);
    const event = named === null || runs.length === 0 ? null : (runs[named % runs.length] ?? null);
    const runId = event === null ? null : (this.#runIds.get(agentId)?.get(event) ?? null);
    const expected = this.naive.report(agentId, { occurredAt, severity }, event);
    const outcome = report(app, givenReport(occurredAt, { agentId, runId, severity }));
    expect(await outcome.then(() => 'REPORTED', codeOf)).toBe(expected);
  }

  #expected(step: ToldDecision): string {
    const { agentId } = step;
    const { id, roles } = voterOf(step);
    const voter = { id, role: roles.includes('ADMIN') ? ('ADMIN' as const) : ('REVIEWER' as const) };
    switch (step.step) {
      case 'PROMOTE':
        return this.naive.promote(agentId, voter);
      case 'DENY':
        return this.naive.deny(agentId, voter);
      case 'REVOKE':
        return this.naive.revoke(agentId, step);
      case 'REINSTATE':
        return this.naive.reinstate(agentId, voter);
      case 'UPDATE':
        return this.naive.update(agentId, voter, step);
    }
  }
}

function voterOf({ voter }: ToldDecision): Principal {
  return VOTERS[voter] ?? ANN;
}

async function decide(app: App, step: ToldDecision): Promise<string> {
  const { agentId } = step;
  const by = voterOf(step);
  switch (step.step) {
    case 'PROMOTE':
      return (await promote(app, by, agentId)).kind;
    case 'DENY':
      return deny(app, { agentId }, by).then(() => 'DENIED');
    case 'REVOKE': {
      const { toTier, suspend } = step;
      return revoke(app, { agentId, toTier, suspend }, by).then(() => 'REVOKED');
    }
    case 'REINSTATE':
      return reinstate(app, { agentId }, by).then(() => 'REINSTATED');
    case 'UPDATE': {
      const { owner, retired } = step;
      return update(app, { agentId, owner, retired }, by).then(() => 'UPDATED');
    }
  }
}

function codeOf(error: unknown): string {
  if (error instanceof GovernanceError) return error.code;
  throw error;
}
