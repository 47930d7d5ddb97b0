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

/** Where an agent stands. */
export interface Stand {
  readonly tier: Tier;
  /** It has earned the next tier. */
  readonly waits: boolean;
  /** It can earn nothing by further runs: it is at the top, or a violation, a denial or a revocation holds it back. */
  readonly isHeld: boolean;
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

/** While it waits for people, or has nothing to earn, an agent acts only now and then: the database would grow for nothing. */
const WAITING_EVERY = 30;
const STEP_MS = 250;

/** One agent of the demonstration: when it acts, and what its next run is. */
export class SimulatedAgent {
  readonly agentId: string;
  readonly #character: Character;
  readonly #random: Random;
  readonly #waitedAt = new Set<Tier>();
  #stand: Stand;
  #runs: number;

  constructor(
    character: Character,
    start: Stand & { readonly agentId: string; readonly runs: number },
    random: Random,
  ) {
    this.agentId = start.agentId;
    this.#character = character;
    this.#random = random;
    this.#stand = start;
    this.#runs = start.runs;
    if (start.waits) this.#waitedAt.add(start.tier);
  }

  /**
   * Learns where it stands; gives whether it waits for people at this tier for the first time. News may come late and out of
   * turn, so having waited at a tier before never counts again.
   */
  hear(stand: Stand): boolean {
    this.#stand = stand;
    if (!stand.waits || this.#waitedAt.has(stand.tier)) return false;
    this.#waitedAt.add(stand.tier);
    return true;
  }

  actsIn(tick: number): boolean {
    const { waits, isHeld } = this.#stand;
    if (waits && this.#character.restsWhileWaiting === true) return false;
    return tick % (waits || isHeld ? WAITING_EVERY : this.#character.every) === 0;
  }

  /** Whether it waits for people. */
  get waits(): boolean {
    return this.#stand.waits;
  }

  /** Its next run, which ends at an instant; `violates` has it break a rule, whatever its character. */
  run(runId: string, finishedAt: number, { violates = false } = {}): RunInput {
    this.#runs += 1;
    const work = WORK[this.#stand.tier];
    const startedAt = finishedAt - (work.length + 1) * STEP_MS;
    const actions = work.map(([type, decision], index): ActionInput => {
      const occurredAt = new Date(startedAt + (index + 1) * STEP_MS).toISOString();
      return { type, decision, success: this.#random() < 0.95, occurredAt };
    });
    return {
      agentId: this.agentId,
      runId,
      actions,
      violations: this.#violations(finishedAt, violates),
      ...(this.#runs === 1 ? { owner: this.#character.owner } : {}),
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(finishedAt).toISOString(),
    };
  }

  #violations(at: number, violates: boolean): readonly ViolationInput[] {
    const { violatesEach } = this.#character;
    const isDue = violatesEach !== null && this.#runs % violatesEach === 0;
    if (!isDue && !violates) return [];
    const [type, description] = VIOLATIONS[Math.floor(this.#random() * VIOLATIONS.length)] ?? VIOLATIONS[0];
    return [{ type, description, severity: 'LOW', occurredAt: new Date(at).toISOString() }];
  }
}
