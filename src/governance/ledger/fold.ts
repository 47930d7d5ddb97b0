import {
  afterDenial,
  afterPromotion,
  afterReinstatement,
  afterReportedViolation,
  afterRevocation,
  afterRun,
  afterViolationInRun,
  registered,
  type AgentState,
} from '../agent-state.ts';
import type { CandidacyState } from '../candidacy.ts';
import { coolDownEnd } from '../revocation.ts';
import type { Tier } from '../tier.ts';

/** An entry as a fold reads it: whatever its type, what it says of its agent stands under the same names. */
export interface FoldedEntry {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly agentId: string;
  readonly payload: {
    readonly after?: AgentState;
    readonly toTier?: Tier;
    readonly owner?: string | null;
    readonly retired?: boolean;
    readonly registeredAt?: number;
    readonly lastActiveAt?: number | null;
    readonly candidacy?: number | null;
    readonly run?: number | null;
    readonly until?: number;
    readonly suspended?: boolean;
    readonly rule?: string | null;
  };
}

/** What the rows that an entry covers add to it. */
export interface FoldedFacts {
  /** Of a run: whether it had no violation when it was recorded. Of a violation: whether its run had none before. */
  readonly compliant: boolean;
  /** Of a violation: whether it was sent with its run. */
  readonly inRun: boolean;
}

/** An agent as its entries tell it. */
export interface AgentFold {
  readonly state: AgentState | null;
  readonly ownerKey: string | null;
  readonly registeredAt: number;
  readonly lastActiveAt: number | null;
  readonly retiredAt: number | null;
  /** The open candidacy, by the entry that opened it, and when. */
  readonly candidacy: { readonly seq: number; readonly openedAt: number } | null;
}

/** An agent before its first entry. */
export const UNKNOWN_AGENT: AgentFold = {
  state: null,
  ownerKey: null,
  registeredAt: 0,
  lastActiveAt: null,
  retiredAt: null,
  candidacy: null,
};

/** How the types of entry that end a candidacy leave it; whatever else names one leaves it open. */
const ENDS: Readonly<Record<string, Exclude<CandidacyState, 'OPEN'>>> = {
  AGENT_PROMOTED: 'PROMOTED',
  ELIGIBILITY_LOST: 'LAPSED',
  PROMOTION_DENIED: 'DENIED',
};

/** How an entry ends the candidacy that it names, or null. */
export function endOfCandidacy({
  type,
  payload,
}: FoldedEntry): { readonly candidacy: number; readonly state: CandidacyState } | null {
  const state = ENDS[type];
  return state === undefined || payload.candidacy == null ? null : { candidacy: payload.candidacy, state };
}

/** An agent after one more of its entries: a new type that carries `after` needs no line here. */
export function foldEntry(agent: AgentFold, entry: FoldedEntry, finishedAt: number | null): AgentFold {
  const { payload, at, seq, type } = entry;
  const begins = agent.state === null && payload.after !== undefined;
  const opened = type === 'AGENT_BECAME_ELIGIBLE' ? { seq, openedAt: at } : agent.candidacy;
  return {
    state: payload.after ?? agent.state,
    ownerKey: payload.owner === undefined ? agent.ownerKey : payload.owner,
    registeredAt: begins ? (payload.registeredAt ?? at) : agent.registeredAt,
    lastActiveAt: latest(latest(agent.lastActiveAt, finishedAt), begins ? payload.lastActiveAt : null),
    retiredAt: retiredAt(agent, entry),
    candidacy: endOfCandidacy(entry) === null ? opened : null,
  };
}

/**
 * The state that the rules give after an entry; null where they leave it to the entry, such as an import.
 * @throws RangeError if the agent can't have such an entry
 */
export function stateByRule(agent: AgentFold, entry: FoldedEntry, facts: FoldedFacts): AgentState | null {
  const { seq, at, type, agentId, payload } = entry;
  if (payload.after === undefined) return null;
  if (type === 'AGENT_REGISTERED' || type === 'AGENT_IMPORTED') {
    if (agent.state !== null) throw new RangeError('the agent had begun before');
    return type === 'AGENT_REGISTERED' ? registered(agentId, at, seq) : null;
  }
  const { state } = agent;
  if (state === null) throw new RangeError('the agent had not begun');
  switch (type) {
    case 'RUN_RECORDED':
      return afterRun(state, facts.compliant);
    case 'VIOLATION_REPORTED': {
      const run = payload.run == null ? null : { seq: payload.run, compliant: facts.compliant };
      return facts.inRun ? afterViolationInRun(state, seq) : afterReportedViolation(state, { seq, run });
    }
    case 'AGENT_PROMOTED':
      return payload.toTier === undefined ? null : afterPromotion(state, { toTier: payload.toTier, at, seq });
    case 'PROMOTION_DENIED':
      return payload.until === undefined ? null : afterDenial(state, payload.until);
    case 'AGENT_REVOKED': {
      const { toTier, suspended: suspends = false, rule = null } = payload;
      if (toTier === undefined) return null;
      const coolDownUntil = coolDownEnd(rule === null ? 'MANUAL' : 'AUTOMATIC', at);
      return afterRevocation(state, { toTier, suspends, coolDownUntil, at, seq });
    }
    case 'AGENT_REINSTATED':
      return afterReinstatement(state);
    default:
      return null;
  }
}

function retiredAt({ retiredAt: before }: AgentFold, { payload, at }: FoldedEntry): number | null {
  if (payload.retired === undefined) return before;
  return payload.retired ? (before ?? at) : null;
}

function latest(a: number | null, b: number | null | undefined): number | null {
  if (b == null) return a;
  return a === null ? b : Math.max(a, b);
}
