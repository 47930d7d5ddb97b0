/** Lifetime counts of an agent's runs; they fold in ledger order, and run times never reorder them (design rule 3.3). */
export interface RunCounters {
  readonly totalRuns: number;
  readonly compliantRuns: number;
  readonly consecutiveCompliantRuns: number;
}

/** The counters of an agent that has done nothing. */
export const NO_RUNS: RunCounters = { totalRuns: 0, compliantRuns: 0, consecutiveCompliantRuns: 0 };

/** The counters after one more run; a violation in it ends the streak. */
export function countRun(counters: RunCounters, compliant: boolean): RunCounters {
  return {
    totalRuns: counters.totalRuns + 1,
    compliantRuns: counters.compliantRuns + (compliant ? 1 : 0),
    consecutiveCompliantRuns: compliant ? counters.consecutiveCompliantRuns + 1 : 0,
  };
}

/** The counters after a violation reported later; `spoilsRun` says that its run was compliant until then. */
export function countViolation(counters: RunCounters, spoilsRun: boolean): RunCounters {
  return {
    ...counters,
    compliantRuns: Math.max(0, counters.compliantRuns - (spoilsRun ? 1 : 0)),
    consecutiveCompliantRuns: 0,
  };
}
