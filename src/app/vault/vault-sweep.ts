import type { Tier } from '../../governance/tier.ts';

/** How many agents a round compares in a second, but for those that it begins with. */
export const A_SECOND = 50;

/** How many agents a round begins with: these are compared without a pause. */
export const AT_ONCE_FIRST = 300;

/**
 * How many agents a round compares at most, one round each 30 s: a fleet of up to this size is compared whole in every round, and
 * 100,000 agents in 67 rounds, 33 minutes. An agent costs Vault two reads where the list of all entities shows that all is as it
 * was, and four each tenth minute, one more at T4; a read takes a quarter of a millisecond of Vault's CPU: 50 agents a second are
 * 2.5 % of a core, and never more than 7 %.
 */
export const MOST_A_ROUND = 1_500;

/** Agents at T3 and T4 get at least this much of each round. */
const HIGH_SHARE = MOST_A_ROUND / 2;

const HIGH: readonly Tier[] = ['T3', 'T4'];

/** Says which agents a comparison looks at next: those that may do most first, and everybody in turn. */
export class VaultSweep {
  #lastHigh = '';
  #lastOther = '';
  #isFirst = true;
  #hasOthers = false;

  /** Whether no round has ended yet. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /** Whether something was found that was written for another ledger. */
  get hasOthers(): boolean {
    return this.#hasOthers;
  }

  foundOthers(): void {
    this.#hasOthers = true;
  }

  /** A round has compared all that it took. */
  ended(): void {
    this.#isFirst = false;
  }

  /** The next agents, highest tiers first, of all agents by their tier. */
  next(tiers: ReadonlyMap<string, Tier>): readonly string[] {
    const all = [...tiers.keys()].toSorted();
    const isHigh = (agentId: string) => HIGH.includes(tiers.get(agentId) ?? 'T0');
    const [high, other] = [all.filter(isHigh), all.filter((agentId) => !isHigh(agentId))];
    const nextHigh = after(high, this.#lastHigh, Math.max(HIGH_SHARE, MOST_A_ROUND - other.length));
    const nextOther = after(other, this.#lastOther, MOST_A_ROUND - nextHigh.length);
    this.#lastHigh = nextHigh.at(-1) ?? '';
    this.#lastOther = nextOther.at(-1) ?? '';
    const byTier = (one: string, two: string) => (tiers.get(two) ?? '').localeCompare(tiers.get(one) ?? '');
    return [...nextHigh.toSorted(byTier), ...nextOther.toSorted(byTier)];
  }
}

/** So many of sorted names that follow one, and then from the first on. */
function after(names: readonly string[], last: string, most: number): readonly string[] {
  const start = names.findIndex((name) => name > last);
  const from = start < 0 ? 0 : start;
  return [...names.slice(from), ...names.slice(0, from)].slice(0, most);
}
