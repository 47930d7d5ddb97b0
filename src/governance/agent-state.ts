import { countRun, countViolation, NO_RUNS, type RunCounters } from './run-counters.ts';
import type { Tier } from './tier.ts';

/**
 * What a fold of an agent's ledger entries yields. Every entry that changes an agent carries the state after it, so the
 * state at any past instant is one look-up. Instants are UTC milliseconds; a `seq` of 0 means that there was none yet.
 */
export interface AgentState {
  readonly agentId: string;
  readonly tier: Tier;
  readonly tierSince: number;
  readonly suspended: boolean;
  readonly counters: RunCounters;
  /** The same counts since the tier was entered; unknown history counts as nothing. */
  readonly countersAtTier: RunCounters;
  readonly revocationCoolDownUntil: number | null;
  readonly denialCoolDownUntil: number | null;
  readonly lastTierChangeSeq: number;
  readonly lastViolationSeq: number;
}

/** The state of an agent registered at an instant: T0 with zeros. */
export function registered(agentId: string, at: number, seq: number): AgentState {
  return {
    agentId,
    tier: 'T0',
    tierSince: at,
    suspended: false,
    counters: NO_RUNS,
    countersAtTier: NO_RUNS,
    revocationCoolDownUntil: null,
    denialCoolDownUntil: null,
    lastTierChangeSeq: seq,
    lastViolationSeq: 0,
  };
}

/** The state after a run. */
export function afterRun(state: AgentState, compliant: boolean): AgentState {
  return {
    ...state,
    counters: countRun(state.counters, compliant),
    countersAtTier: countRun(state.countersAtTier, compliant),
  };
}

/** The state after a violation that stands in a run: the run itself has been counted already. */
export function afterViolationInRun(state: AgentState, seq: number): AgentState {
  return { ...state, lastViolationSeq: seq };
}

/** The state after a violation reported later, however old; `run` is the run it names, if any, as it was before. */
export function afterReportedViolation(
  state: AgentState,
  violation: {
    readonly seq: number;
    readonly run: { readonly seq: number; readonly compliant: boolean } | null;
  },
): AgentState {
  const spoils = violation.run?.compliant ?? false;
  const atThisTier = violation.run !== null && violation.run.seq > state.lastTierChangeSeq;
  return {
    ...state,
    counters: countViolation(state.counters, spoils),
    countersAtTier: countViolation(state.countersAtTier, spoils && atThisTier),
    lastViolationSeq: violation.seq,
  };
}

/** The state after a tier change up; a promotion resets what is counted at the tier and ends a denial, nothing else. */
export function afterPromotion(
  state: AgentState,
  promotion: { readonly toTier: Tier; readonly at: number; readonly seq: number },
): AgentState {
  return {
    ...state,
    tier: promotion.toTier,
    tierSince: promotion.at,
    countersAtTier: NO_RUNS,
    denialCoolDownUntil: null,
    lastTierChangeSeq: promotion.seq,
  };
}
