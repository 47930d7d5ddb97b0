import type { ActionInput, RunInput, Tier, ViolationInput } from '../../generated/graphql/cli.ts';
import type { Random } from './random.ts';

/** How an agent behaves. */
export interface Character {
  readonly name: string;
  readonly owner: string;
  /** It acts in every such tick while it has something to earn. */
  readonly every: number;
  /** Each such run breaks a rule; null: none does. */
  readonly violatesEach: number | null;
  /** It does nothing while it waits for people. */
  readonly restsWhileWaiting?: boolean;
}

/** Which actions a run of each tier is made of: what the tier permits, and what the next one asks for. */
const WORK: Readonly<Record<Tier, readonly (readonly [type: string, decision: 'PLAN' | 'EXECUTE'])[]>> = {
  T0: [['generate_plan', 'PLAN']],
  T1: [
    ['terraform_plan', 'PLAN'],
    ['ansible_check', 'EXECUTE'],
  ],
  T2: [
    ['terraform_apply', 'EXECUTE'],
    ['ansible_run', 'EXECUTE'],
  ],
  T3: [
    ['terraform_plan', 'PLAN'],
    ['terraform_apply', 'EXECUTE'],
  ],
  T4: [['terraform_apply', 'EXECUTE']],
};

const VIOLATIONS = [
  ['scope', 'Touched a module of another team.'],
  ['window', 'Applied outside of the change window.'],
  ['rollback', 'Left no rollback behind.'],
] as const;

/** While it waits for people, an agent acts only now and then. */
const WAITING_EVERY = 30;
const STEP_MS = 250;

/** One agent of the demonstration: when it acts, and what its next run is. */
export class SimulatedAgent {
  readonly agentId: string;
  readonly #character: Character;
  readonly #random: Random;
  #tier: Tier;
  #waits: boolean;
  #runs: number;

  constructor(
    character: Character,
    start: { readonly agentId: string; readonly tier: Tier; readonly waits: boolean; readonly runs: number },
    random: Random,
  ) {
    this.agentId = start.agentId;
    this.#character = character;
    this.#random = random;
    this.#tier = start.tier;
    this.#waits = start.waits;
    this.#runs = start.runs;
  }

  /** Learns where it stands; gives whether it has just begun to wait for people. */
  hear({ tier, waits }: { readonly tier: Tier; readonly waits: boolean }): boolean {
    const begins = waits && !this.#waits;
    this.#tier = tier;
    this.#waits = waits;
    return begins;
  }

  actsIn(tick: number): boolean {
    if (this.#waits && this.#character.restsWhileWaiting === true) return false;
    return tick % (this.#waits ? WAITING_EVERY : this.#character.every) === 0;
  }

  /** Whether it has never acted. */
  get isNew(): boolean {
    return this.#runs === 0;
  }

  /** Its next run, which ends at an instant. */
  run(runId: string, finishedAt: number): RunInput {
    this.#runs += 1;
    const work = WORK[this.#tier];
    const startedAt = finishedAt - (work.length + 1) * STEP_MS;
    const actions = work.map(([type, decision], index): ActionInput => {
      const occurredAt = new Date(startedAt + (index + 1) * STEP_MS).toISOString();
      return { type, decision, success: this.#random() < 0.95, occurredAt };
    });
    return {
      ...{ agentId: this.agentId, runId, actions, violations: this.#violations(finishedAt) },
      ...(this.#runs === 1 ? { owner: this.#character.owner } : {}),
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(finishedAt).toISOString(),
    };
  }

  #violations(at: number): readonly ViolationInput[] {
    const { violatesEach } = this.#character;
    if (violatesEach === null || this.#runs % violatesEach !== 0) return [];
    const [type, description] = VIOLATIONS[Math.floor(this.#random() * VIOLATIONS.length)] ?? VIOLATIONS[0];
    return [{ type, description, severity: 'LOW', occurredAt: new Date(at).toISOString() }];
  }
}
