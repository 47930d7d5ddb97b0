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

/** The state after a denial: the step is closed until an instant, or until the tier changes. */
export function afterDenial(state: AgentState, until: number): AgentState {
  return { ...state, denialCoolDownUntil: until };
}

/** The state after a suspension was lifted: whatever else was revoked stays so. */
export function afterReinstatement(state: AgentState): AgentState {
  return { ...state, suspended: false };
}

/**
 * The state after a revocation: the streak ends, of two cool-downs the later end wins, and a suspension stays until somebody
 * lifts it. What is counted at the tier, and a denial, end only with the tier.
 */
export function afterRevocation(
  state: AgentState,
  revocation: {
    readonly toTier: Tier;
    readonly suspends: boolean;
    readonly coolDownUntil: number;
    readonly at: number;
    readonly seq: number;
  },
): AgentState {
  const { toTier, suspends, coolDownUntil, at, seq } = revocation;
  const revoked = {
    ...state,
    suspended: state.suspended || suspends,
    counters: { ...state.counters, consecutiveCompliantRuns: 0 },
    countersAtTier: { ...state.countersAtTier, consecutiveCompliantRuns: 0 },
    revocationCoolDownUntil: Math.max(state.revocationCoolDownUntil ?? coolDownUntil, coolDownUntil),
  };
  return toTier === state.tier ? revoked : { ...revoked, ...entering(toTier, at, seq) };
}

function entering(tier: Tier, at: number, seq: number) {
  return {
    tier,
    tierSince: at,
    countersAtTier: NO_RUNS,
    denialCoolDownUntil: null,
    lastTierChangeSeq: seq,
  };
}

/** The state after a tier change up; a promotion resets what is counted at the tier and ends a denial, nothing else. */
export function afterPromotion(
  state: AgentState,
  promotion: { readonly toTier: Tier; readonly at: number; readonly seq: number },
): AgentState {
  return { ...state, ...entering(promotion.toTier, promotion.at, promotion.seq) };
}
