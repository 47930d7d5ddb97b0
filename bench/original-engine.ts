import SqliteDatabase, { type Database } from 'better-sqlite3';
import { DAY } from '../src/governance/facts.ts';

const STEPS = [
  { runs: 5, consecutive: 3, actions: ['generate_plan'], executions: 0 },
  { runs: 10, consecutive: 5, actions: ['ansible_check', 'terraform_plan'], executions: 2 },
  { runs: 25, consecutive: 10, actions: ['ansible_run', 'terraform_apply'], executions: 5 },
  { runs: 50, consecutive: 25, actions: [], executions: 0 },
];

interface Metrics {
  readonly tier: number;
  readonly compliant: number;
  readonly consecutive: number;
}

/** An id as the engine asks for it: a text, or a number as the ledger holds it. */
export type OriginalId = string | number | bigint;

/** The way of the engine that Tierkeeper replaces: four queries per agent, prepared once, and its rules. */
export class OriginalEngine {
  readonly #db: Database;
  readonly #agents;
  readonly #metrics;
  readonly #actions;
  readonly #executions;
  readonly #violations;

  constructor(file: string) {
    this.#db = new SqliteDatabase(file, { readonly: true });
    const inWindow = 'agent_id = ? AND timestamp >= ? AND timestamp <= ?';
    this.#agents = this.#db
      .prepare<[], string>('SELECT CAST(agent_id AS TEXT) FROM agent_metrics ORDER BY agent_id')
      .pluck();
    this.#metrics = this.#db.prepare<[OriginalId], Metrics>(
      `SELECT current_tier AS tier, compliant_runs AS compliant, consecutive_compliant AS consecutive
       FROM agent_metrics WHERE agent_id = ?`,
    );
    this.#actions = this.#db.prepare<OriginalId[], { readonly action: string; readonly count: number }>(
      `SELECT action, count(*) AS count FROM agent_actions WHERE ${inWindow} GROUP BY action`,
    );
    this.#executions = this.#db
      .prepare<OriginalId[], number>(
        `SELECT count(*) FROM agent_actions WHERE ${inWindow} AND decision = 'EXECUTE' AND success = 1`,
      )
      .pluck();
    this.#violations = this.#db
      .prepare<OriginalId[], number>(`SELECT count(*) FROM violations WHERE ${inWindow}`)
      .pluck();
  }

  /** Every agent that has earned the next tier at an instant, by name. */
  eligible(now: number): readonly string[] {
    return this.#agents.all().filter((agentId) => this.finds(agentId, now));
  }

  /** Whether an agent has earned the next tier at an instant; null if the engine finds no agent by this id. */
  finds(agentId: OriginalId, now: number): boolean | null {
    const metrics = this.#metrics.get(agentId);
    if (metrics === undefined) return null;
    const window = [now - 30 * DAY, now].map((at) => `${new Date(at).toISOString().slice(0, 19)}Z`);
    return this.#isEligible(agentId, metrics, window);
  }

  close(): void {
    this.#db.close();
  }

  #isEligible(agentId: OriginalId, metrics: Metrics, window: readonly string[]): boolean {
    const actions = new Set(this.#actions.all(agentId, ...window).map(({ action }) => action));
    const executions = this.#executions.get(agentId, ...window) ?? 0;
    const violations = this.#violations.get(agentId, ...window) ?? 0;
    const step = STEPS[metrics.tier];
    if (step === undefined) return false;
    return (
      metrics.compliant >= step.runs &&
      metrics.consecutive >= step.consecutive &&
      step.actions.every((action) => actions.has(action)) &&
      executions >= step.executions &&
      violations === 0
    );
  }
}
