// Arbitrary policies: the built-in ones, and random ones whose numbers are small enough to be met. Their action types
// include names that every object inherits.
import fc from 'fast-check';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { strict } from '../../src/governance/policies/strict.ts';
import { keyOf, parsePolicy, policyData, type Policy } from '../../src/governance/policy.ts';
import type { RequirementData } from '../../src/governance/requirements/index.ts';

/** Action types of the built-in policies, and names that every object inherits. */
export const ACTION_TYPES = [
  'generate_plan',
  'ansible_check',
  'terraform_plan',
  'ansible_run',
  'terraform_apply',
  '__proto__',
  'constructor',
  'toString',
] as const;

/** One of them. */
export const actionType = fc.constantFrom(...ACTION_TYPES);
const since = fc.constantFrom('LIFETIME' as const, 'TIER' as const);
const few = fc.integer({ min: 1, max: 4 });

const requirement: fc.Arbitrary<RequirementData> = fc.oneof(
  fc.record({ kind: fc.constant('COMPLIANT_RUNS' as const), atLeast: few, since }),
  fc.record({ kind: fc.constant('CONSECUTIVE_COMPLIANT_RUNS' as const), atLeast: few, since }),
  fc.record({
    kind: fc.constant('ACTION_TYPE' as const),
    action: actionType,
    counts: fc.constantFrom('ANY' as const, 'SUCCESSFUL_EXECUTIONS' as const, 'SUCCESSFUL_PLANS' as const),
  }),
  fc.record({ kind: fc.constant('SUCCESSFUL_MODIFICATIONS' as const), atLeast: few }),
  fc.record({ kind: fc.constant('VIOLATIONS' as const), atMost: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('TIME_AT_TIER' as const), days: fc.integer({ min: 1, max: 40 }) }),
);

const randomPolicy: fc.Arbitrary<Policy> = fc
  .record({
    windowDays: fc.constantFrom(1, 7, 30),
    steps: fc.array(
      fc.record({
        manualReview: fc.boolean(),
        requirements: fc.uniqueArray(requirement, { selector: keyOf, minLength: 1, maxLength: 6 }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  })
  .map(({ windowDays, steps }) =>
    parsePolicy({
      ...policyData(baseline),
      name: 'random',
      windowDays,
      steps: baseline.steps.map((step, index) => ({ ...step, ...steps[index] })),
    }),
  );

/** A policy under which one compliant run earns the next tier, so that a few commands climb them all. */
export const lenient: Policy = parsePolicy({
  ...policyData(baseline),
  name: 'lenient',
  steps: baseline.steps.map((step) => ({
    ...step,
    manualReview: false,
    requirements: [{ kind: 'COMPLIANT_RUNS', atLeast: 1, since: 'TIER' }],
  })),
});

/** Both built-in policies, and others. */
export const arbitraryPolicy: fc.Arbitrary<Policy> = fc.oneof(fc.constant(baseline), fc.constant(strict), {
  arbitrary: randomPolicy,
  weight: 3,
});
