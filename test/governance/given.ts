import { registered, type AgentState } from '../../src/governance/agent-state.ts';
import { evaluate, type Evaluation } from '../../src/governance/evaluation.ts';
import type { Facts } from '../../src/governance/facts.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData, type Policy } from '../../src/governance/policy.ts';
import type { RequirementData } from '../../src/governance/requirements/index.ts';
import type { RunCounters } from '../../src/governance/run-counters.ts';

/** The instant at which everything is asked. */
export const AS_OF = Date.UTC(2026, 5, 30, 12);

/** Counters of an agent that never broke a rule. */
export function givenCounters(runs: number): RunCounters {
  return { totalRuns: runs, compliantRuns: runs, consecutiveCompliantRuns: runs };
}

/** An agent's state: T0 with zeros but for what is given. */
export function givenState(given: Partial<AgentState> = {}): AgentState {
  return { ...registered('agent-1', 0, 1), ...given };
}

/** Facts at `AS_OF`: nothing happened but what is given. */
export function givenFacts(
  given: Partial<Omit<Facts, 'state'>> & { state?: Partial<AgentState> } = {},
): Facts {
  return {
    asOf: AS_OF,
    candidacy: null,
    newestActions: {},
    newestExecutions: {},
    successfulExecutions: [],
    violations: { count: 0, newest: [] },
    ...given,
    state: givenState(given.state),
  };
}

/** A policy of one window in which every step asks the same. */
export function givenPolicy(
  requirements: readonly RequirementData[],
  given: { manualReview?: boolean } = {},
): Policy {
  return parsePolicy({
    ...policyData(baseline),
    name: 'given',
    steps: baseline.steps.map((step) => ({ ...step, manualReview: false, ...given, requirements })),
  });
}

/** The evaluation of facts that meet every requirement of the step from T0 to T1, but for what is given. */
export function givenEarned(
  given: Parameters<typeof givenFacts>[0] = {},
  policy: Policy = baseline,
): Evaluation {
  return evaluate(policy, earnedFacts(given));
}

/** Facts that meet every requirement of every step of the built-in policies, but for what is given. */
export function earnedFacts(given: Parameters<typeof givenFacts>[0] = {}): Facts {
  const types = ['generate_plan', 'ansible_check', 'terraform_plan', 'ansible_run', 'terraform_apply'];
  const now = Object.fromEntries(types.map((type) => [type, AS_OF]));
  return givenFacts({
    newestActions: now,
    newestExecutions: now,
    newestPlans: now,
    successfulExecutions: [AS_OF, AS_OF, AS_OF, AS_OF, AS_OF],
    ...given,
    state: { counters: givenCounters(50), countersAtTier: givenCounters(50), ...given.state },
  });
}
