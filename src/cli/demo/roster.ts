import type { DemoFleetQuery } from '../../generated/graphql/cli.ts';
import type { Character, Stand } from './simulated-agent.ts';

/** An agent as the ledger knows it. */
export type KnownAgent = DemoFleetQuery['agents']['nodes'][number];

const character = (
  name: string,
  owner: string,
  every: number,
  violatesEach: number | null = null,
): Character => ({
  name,
  owner,
  every,
  violatesEach,
});

/** The agents of every demonstration. The first is quick, so that something happens soon; three break rules. */
export const CHARACTERS: readonly Character[] = [
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

const NEWCOMER = /^newcomer-[0-9a-f]{12}$/;

/** Whether an id is that of an agent that joined while the demonstration ran. */
export function isNewcomer(agentId: string): boolean {
  return NEWCOMER.test(agentId);
}

/** How an agent behaves that joins while the demonstration runs. */
export function newcomer(agentId: string): Character {
  const { name, owner, every, violatesEach } = character(agentId, 'ines', 5);
  return { name, owner, every, violatesEach, restsWhileWaiting: true };
}

/** The first agent that no demonstration has recorded. */
export function strangerIn(known: readonly KnownAgent[]): KnownAgent | undefined {
  return known.find(
    ({ agentId }) => !isNewcomer(agentId) && !CHARACTERS.some(({ name }) => isOf(name, agentId)),
  );
}

/** Where a character goes on: as its youngest agent or, if that one can earn nothing more by itself, as the next. */
export function startOf({ name, violatesEach }: Character, known: readonly KnownAgent[]) {
  const own = known.filter(({ agentId }) => isOf(name, agentId));
  const last = own.find(({ agentId }) =>
    own.every((other) => generation(other.agentId) <= generation(agentId)),
  );
  if (last !== undefined) {
    const start = knownStart(last);
    if (violatesEach !== null || !start.isHeld) return start;
  }
  return newStart(last === undefined ? name : `${name}-${generation(last.agentId) + 1}`);

  function generation(agentId: string): number {
    return agentId === name ? 1 : Number(agentId.slice(name.length + 1));
  }
}

/** Where an agent begins that nobody has seen. */
export function newStart(agentId: string) {
  return { agentId, tier: 'T0', runs: 0, waits: false, isHeld: false } as const;
}

/** Where a known agent goes on. */
export function knownStart({ agentId, tier, counters, evaluation }: KnownAgent) {
  return { agentId, runs: counters.totalRuns, ...standOf({ tier, evaluation }) };
}

/** Where an agent stands, by its answer. */
export function standOf({ tier, evaluation }: Pick<KnownAgent, 'tier' | 'evaluation'>): Stand {
  const { status, blockers, missing } = evaluation;
  return {
    tier,
    waits: status !== 'NOT_ELIGIBLE',
    isHeld: blockers.length > 0 || missing.some(({ kind }) => kind === 'VIOLATIONS'),
  };
}

/** Whether an id names a character, in any generation: `dns-keeper`, then `dns-keeper-2` and so on. */
function isOf(name: string, agentId: string): boolean {
  return (
    agentId === name || (agentId.startsWith(`${name}-`) && /^[1-9]\d*$/.test(agentId.slice(name.length + 1)))
  );
}
