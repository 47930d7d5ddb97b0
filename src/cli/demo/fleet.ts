import {
  DemoFleetDocument,
  DemoRunsDocument,
  type DemoFleetQuery,
  type Tier,
} from '../../generated/graphql/cli.ts';
import type { Api } from '../api.ts';
import { ask } from '../ask.ts';
import { usageError } from '../cli-error.ts';
import { seededRandom, type Random } from './random.ts';
import { SimulatedAgent, type Character } from './simulated-agent.ts';

type KnownAgent = DemoFleetQuery['agents']['nodes'][number];

const character = (
  name: string,
  owner: string,
  every: number,
  violatesEach: number | null = null,
): Character => ({
  ...{ name, owner, every, violatesEach },
});

/** The first is quick, so that something happens soon; three break rules, one of them only after it was eligible. */
const CHARACTERS: readonly Character[] = [
  character('payments-planner', 'olga', 1),
  character('network-gardener', 'sam', 2),
  character('dns-keeper', 'ines', 3),
  character('cache-warmer', 'sam', 4),
  character('cert-renewer', 'ines', 5),
  character('backup-checker', 'olga', 5),
  character('cluster-tuner', 'raj', 6),
  character('storage-pruner', 'raj', 7),
  character('cost-trimmer', 'olga', 8),
  character('log-shipper', 'sam', 4, 2),
  character('queue-tender', 'ines', 6, 3),
  character('edge-router', 'raj', 2, 7),
];

/** Somebody earns a tier at least this often: otherwise a newcomer earns its first at once. */
const QUIET_TICKS = 12;
/** As many runs as the first step asks for. */
const FIRST_STEP_RUNS = 5;
/** At most so many newcomers of an earlier start go on after the next. */
const KEPT_NEWCOMERS = 12;
const NEWCOMER = /^newcomer-[0-9a-f]{12}$/;

const newcomer = (agentId: string): Character => ({
  ...character(agentId, 'ines', 3),
  restsWhileWaiting: true,
});

const SEED = 20_260_630;

interface World {
  readonly newId: () => string;
  readonly now: () => number;
}

/** The agents of the demonstration, acting. */
export class Fleet {
  readonly #api: Api;
  readonly #world: World;
  readonly #agents: SimulatedAgent[];
  readonly #random: Random;
  #tick = 0;
  #quietTicks = QUIET_TICKS;

  private constructor(api: Api, world: World, agents: SimulatedAgent[], random: Random) {
    this.#api = api;
    this.#world = world;
    this.#agents = agents;
    this.#random = random;
  }

  /**
   * The fleet as the ledger knows it. An agent that can earn nothing more by itself hands over to a younger one.
   * @throws CliError if the ledger knows other agents: what is simulated must not stand among them
   */
  static async gather(api: Api, world: World): Promise<Fleet> {
    const known = await knownAgents(api);
    const stranger = known.find(
      ({ agentId }) => !NEWCOMER.test(agentId) && !CHARACTERS.some(({ name }) => isOf(name, agentId)),
    );
    if (stranger !== undefined)
      throw usageError(
        `The database holds ${stranger.agentId}, which is no agent of the demonstration. Unset DATABASE_URL, or name a new file.`,
      );
    const random = seededRandom(SEED);
    const agents = CHARACTERS.map((each) => new SimulatedAgent(each, startOf(each, known), random));
    const newcomers = known.filter((each) => NEWCOMER.test(each.agentId) && !isDone(each));
    for (const each of newcomers.slice(-KEPT_NEWCOMERS))
      agents.push(new SimulatedAgent(newcomer(each.agentId), standOf(each), random));
    return new Fleet(api, world, agents, random);
  }

  /** Lets those act whose turn it is. */
  async act(): Promise<void> {
    const { newId, now } = this.#world;
    const acting = this.#agents.filter(
      (agent, index) => !(index === 0 && agent.isNew) && agent.actsIn(this.#tick),
    );
    this.#tick += 1;
    this.#quietTicks += 1;
    const next = () => `demo-${newId().slice(0, 12)}`;
    const runs = acting.map((agent) => agent.run(next(), now()));
    if (this.#quietTicks > QUIET_TICKS) {
      const hurrying = this.#newcomer();
      for (let run = 0; run < FIRST_STEP_RUNS; run += 1) runs.push(hurrying.run(next(), now()));
    }
    if (runs.length === 0) return;
    const { recordRuns } = await ask(this.#api, DemoRunsDocument, { input: { runs } });
    if (recordRuns.__typename !== 'RunsRecorded') return;
    for (const { agentId, tier, evaluation } of recordRuns.agents)
      this.hear(agentId, { tier, waits: evaluation.status !== 'NOT_ELIGIBLE' });
  }

  /** On a fresh database the first character, so that there is somebody to promote at once; then one nobody has seen. */
  #newcomer(): SimulatedAgent {
    const [first] = this.#agents;
    if (first?.isNew === true) return first;
    const agentId = `newcomer-${this.#world.newId().slice(0, 12)}`;
    const start = { agentId, tier: 'T0', waits: false, runs: 0 } as const;
    const agent = new SimulatedAgent(newcomer(agentId), start, this.#random);
    this.#agents.push(agent);
    return agent;
  }

  /** Lets an agent know where it stands. */
  hear(agentId: string, stand: { readonly tier: Tier; readonly waits: boolean }): void {
    if (this.#agents.find((each) => each.agentId === agentId)?.hear(stand) === true) this.#quietTicks = 0;
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

/** Whether an id names a character, in any generation: `dns-keeper`, then `dns-keeper-2` and so on. */
function isOf(name: string, agentId: string): boolean {
  return (
    agentId === name || (agentId.startsWith(`${name}-`) && /^[1-9]\d*$/.test(agentId.slice(name.length + 1)))
  );
}

function startOf({ name, violatesEach }: Character, known: readonly KnownAgent[]) {
  const own = known.filter(({ agentId }) => isOf(name, agentId));
  const last = own.find(({ agentId }) =>
    own.every((other) => generation(other.agentId) <= generation(agentId)),
  );
  if (last !== undefined && (violatesEach !== null || !isDone(last))) {
    return standOf(last);
  }
  const agentId = last === undefined ? name : `${name}-${generation(last.agentId) + 1}`;
  return { agentId, tier: 'T0', runs: 0, waits: false } as const;

  function generation(agentId: string): number {
    return agentId === name ? 1 : Number(agentId.slice(name.length + 1));
  }
}

function standOf({ agentId, tier, counters, evaluation }: KnownAgent) {
  return { agentId, tier, runs: counters.totalRuns, waits: evaluation.status !== 'NOT_ELIGIBLE' };
}

/** At the top, or held back by a violation for weeks. */
function isDone({ tier, evaluation: { requirements } }: KnownAgent): boolean {
  return tier === 'T4' || requirements.some(({ kind, met }) => kind === 'VIOLATIONS' && !met);
}
