import type { Action } from '../../src/governance/run.ts';
import { TIERS, type Tier } from '../../src/governance/tier.ts';

/** What keeps an agent from being eligible. */
type Lack = 'VIOLATION' | 'TYPES' | 'EXECUTIONS' | 'STEP';

/** How an agent behaves; null lacks nothing. */
export interface Character {
  readonly agentId: string;
  readonly tier: Tier;
  readonly lacks: Lack | null;
}

/** Of how many agents one is eligible, and the tiers that those have. */
export interface Shares {
  readonly oneIn: number;
  readonly tiers?: readonly Tier[];
}

const TYPES = ['generate_plan', 'ansible_check', 'terraform_plan', 'ansible_run', 'terraform_apply'];
const LACKS: Readonly<Record<Tier, readonly [Lack, ...Lack[]]>> = {
  T0: ['TYPES', 'VIOLATION'],
  T1: ['EXECUTIONS', 'VIOLATION', 'TYPES'],
  T2: ['VIOLATION', 'EXECUTIONS', 'TYPES'],
  T3: ['VIOLATION'],
  T4: ['STEP'],
};

/** The agent of a number: the same in a fleet of any size. */
export function characterOf(index: number, { oneIn, tiers = ['T0', 'T1', 'T2', 'T3'] }: Shares): Character {
  const agentId = `agent-${String(index).padStart(6, '0')}`;
  const turn = Math.floor(index / oneIn);
  if (index % oneIn === 0) return { agentId, tier: tiers[turn % tiers.length] ?? 'T0', lacks: null };
  const tier = TIERS[index % TIERS.length] ?? 'T0';
  const lacks = LACKS[tier];
  return { agentId, tier, lacks: lacks[turn % lacks.length] ?? lacks[0] };
}

/** The actions of a run that began at an instant, one a second. */
export function actionsOf({ lacks }: Character, startedAt: number, count: number): readonly Action[] {
  return Array.from({ length: count }, (_, position) => ({
    type: lacks === 'TYPES' ? 'read_state' : (TYPES[position % TYPES.length] ?? ''),
    decision: lacks === 'EXECUTIONS' ? 'PLAN' : 'EXECUTE',
    success: position % 8 !== 7,
    occurredAt: startedAt + position * 1_000,
  }));
}
