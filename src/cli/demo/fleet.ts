import { DemoFleetDocument, DemoRunsDocument, type DemoFleetQuery } from '../../generated/graphql/cli.ts';
import type { Api } from '../api/api.ts';
import { ask } from '../api/ask.ts';
import { usageError } from '../cli-error.ts';
import { writeHistory } from './history.ts';
import { seededRandom, type Random } from './random.ts';
import {
  CHARACTERS,
  isNewcomer,
  knownStart,
  newcomer,
  newStart,
  standOf,
  startOf,
  strangerIn,
  type KnownAgent,
} from './roster.ts';
import { SimulatedAgent, type Stand } from './simulated-agent.ts';

/** Where nobody has earned a tier for so long, a newcomer does at once: 20 s without anybody are too long to look at. */
const QUIET_MS = 12_000;
/** As many runs as the first step of the built-in policy asks for. */
const FIRST_STEP_RUNS = 5;
/** At most so many newcomers take part; the oldest leaves for the next. */
const MOST_NEWCOMERS = 12;

const SEED = 20_260_630;

/** What a fleet needs: who records what it does, who promoted some of it in the past, ids, and the time. */
export interface FleetWorld {
  readonly recorder: Api;
  readonly reviewer: Api;
  readonly newId: () => string;
  readonly now: () => number;
}

/** The agents of the demonstration, acting. */
export class Fleet {
  readonly #world: FleetWorld;
  readonly #agents: readonly SimulatedAgent[];
  /** The oldest first. */
  readonly #newcomers: SimulatedAgent[];
  readonly #random: Random;
  #tick = 0;
  #lastEarnedAt = Number.NEGATIVE_INFINITY;

  private constructor(world: FleetWorld, known: readonly KnownAgent[]) {
    this.#world = world;
    this.#random = seededRandom(SEED);
    this.#agents = CHARACTERS.map((each) => new SimulatedAgent(each, startOf(each, known), this.#random));
    this.#newcomers = known
      .filter(({ agentId }) => isNewcomer(agentId))
      .map((each) => knownStart(each))
      .filter(({ isHeld }) => !isHeld)
      .slice(-MOST_NEWCOMERS)
      .map((start) => new SimulatedAgent(newcomer(start.agentId), start, this.#random));
  }

  /**
   * The fleet as the ledger knows it; on an empty one it is given a past.
   * @throws CliError if the ledger knows other agents: what is simulated must not stand among them
   */
  static async gather(world: FleetWorld): Promise<Fleet> {
    const known = await knownAgents(world.recorder);
    const stranger = strangerIn(known);
    if (stranger !== undefined)
      throw usageError(
        `The database holds ${stranger.agentId}, which is no agent of the demonstration. Unset DATABASE_URL, or name a new file.`,
      );
    const fleet = new Fleet(world, known);
    if (known.length === 0) await fleet.#remember();
    return fleet;
  }

  async #remember(): Promise<void> {
    const { recorder, reviewer, newId, now } = this.#world;
    await writeHistory(this.#agents, { recorder, reviewer, newId, now: now() });
    if (this.#agents.some(({ waits }) => waits)) this.#lastEarnedAt = now();
  }

  /** How many agents take part. */
  get size(): number {
    return this.#agents.length + this.#newcomers.length;
  }

  /** Lets those act whose turn it is. */
  async act(): Promise<void> {
    const { recorder, now } = this.#world;
    const acting = [...this.#agents, ...this.#newcomers].filter((agent) => agent.actsIn(this.#tick));
    this.#tick += 1;
    const runs = acting.map((agent) => agent.run(this.#runId(), now()));
    if (now() - this.#lastEarnedAt >= QUIET_MS) runs.push(...this.#welcome());
    if (runs.length === 0) return;
    const { recordRuns } = await ask(recorder, DemoRunsDocument, { input: { runs } });
    if (recordRuns.__typename !== 'RunsRecorded') return;
    for (const known of recordRuns.agents) this.hear(known.agentId, standOf(known));
  }

  /**
   * The runs by which a newcomer earns its first tier. If the oldest newcomer has to leave and waits for people, a run in which
   * it breaks a rule comes first: nobody waits for ever, and the list of those who wait stays short.
   */
  #welcome() {
    const { newId, now } = this.#world;
    const agentId = `newcomer-${newId().slice(0, 12)}`;
    const agent = new SimulatedAgent(newcomer(agentId), newStart(agentId), this.#random);
    const runs = Array.from({ length: FIRST_STEP_RUNS }, () => agent.run(this.#runId(), now()));
    const leaving = this.#newcomers.length < MOST_NEWCOMERS ? undefined : this.#newcomers.shift();
    this.#newcomers.push(agent);
    if (leaving?.waits === true) runs.unshift(leaving.run(this.#runId(), now(), { violates: true }));
    return runs;
  }

  #runId(): string {
    return `demo-${this.#world.newId().slice(0, 12)}`;
  }

  /** Lets an agent know where it stands. */
  hear(agentId: string, stand: Stand): void {
    const agent = [...this.#agents, ...this.#newcomers].find((each) => each.agentId === agentId);
    if (agent?.hear(stand) === true) this.#lastEarnedAt = this.#world.now();
  }
}

async function knownAgents(api: Api): Promise<readonly KnownAgent[]> {
  const agents: KnownAgent[] = [];
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo }: DemoFleetQuery['agents'] = (await ask(api, DemoFleetDocument, { after }))
      .agents;
    agents.push(...nodes);
    if (!pageInfo.hasNextPage) return agents;
    after = pageInfo.endCursor;
  }
}
