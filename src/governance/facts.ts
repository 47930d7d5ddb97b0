import type { AgentState } from './agent-state.ts';

/** A day in milliseconds. */
export const DAY = 86_400_000;

/**
 * What an evaluation looks at, and all it looks at. Instants are UTC milliseconds, lists are newest first, and only what
 * lies in the window at `asOf` is here.
 */
export interface Facts {
  readonly asOf: number;
  readonly state: AgentState;
  /** The open candidacy: the `seq` of the entry that opened it. */
  readonly candidacy: number | null;
  /** The newest action of each type that the policy names, of any decision and outcome. */
  readonly newestActions: Readonly<Record<string, number>>;
  /** The newest successful execution of each type that the policy names. */
  readonly newestExecutions: Readonly<Record<string, number>>;
  /** The newest successful plan of each type whose plans the policy counts; absent if it counts none. */
  readonly newestPlans?: Readonly<Record<string, number>>;
  /** The newest successful executions of any type, as many as the policy asks. */
  readonly successfulExecutions: readonly number[];
  /** How many violations count, and the newest of them: one more than the policy allows. */
  readonly violations: { readonly count: number; readonly newest: readonly number[] };
}

/** What must be looked up to evaluate a step: O(log ledger) each, never the whole window. */
export interface FactsNeeded {
  readonly actionTypes: readonly string[];
  readonly executionTypes: readonly string[];
  readonly planTypes: readonly string[];
  readonly successfulExecutions: number;
  readonly violations: number;
}

/** The need of a requirement that asks nothing of the window. */
export const NOTHING_NEEDED: FactsNeeded = {
  actionTypes: [],
  executionTypes: [],
  planTypes: [],
  successfulExecutions: 0,
  violations: 0,
};

/** One need that covers several. */
export function mergeNeeds(needs: readonly FactsNeeded[]): FactsNeeded {
  return {
    actionTypes: [...new Set(needs.flatMap((need) => need.actionTypes))].sort(),
    executionTypes: [...new Set(needs.flatMap((need) => need.executionTypes))].sort(),
    planTypes: [...new Set(needs.flatMap((need) => need.planTypes))].sort(),
    successfulExecutions: Math.max(0, ...needs.map((need) => need.successfulExecutions)),
    violations: Math.max(0, ...needs.map((need) => need.violations)),
  };
}

/** The instant at which something that occurred then has left the window: its edge is inclusive, hence the millisecond. */
export function leavesWindow(occurredAt: number, windowDays: number): number {
  return occurredAt + windowDays * DAY + 1;
}

/**
 * The same facts at a later instant, if nothing else happens. The count of violations may stay too high while more than
 * the policy allows are left, which changes no answer.
 */
export function ageFacts(facts: Facts, asOf: number, windowDays: number): Facts {
  const inWindow = (occurredAt: number) => asOf < leavesWindow(occurredAt, windowDays);
  const still = (times: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(times).filter(([, occurredAt]) => inWindow(occurredAt)));
  const newest = facts.violations.newest.filter(inWindow);
  const unchanged = newest.length === facts.violations.newest.length;
  return {
    ...facts,
    asOf,
    newestActions: still(facts.newestActions),
    newestExecutions: still(facts.newestExecutions),
    ...(facts.newestPlans === undefined ? {} : { newestPlans: still(facts.newestPlans) }),
    successfulExecutions: facts.successfulExecutions.filter(inWindow),
    violations: { count: unchanged ? facts.violations.count : newest.length, newest },
  };
}
