import { parsePolicy } from '../policy.ts';

const reviewer = { role: 'REVIEWER', count: 1 } as const;
const noViolations = { kind: 'VIOLATIONS', atMost: 0 } as const;

const runs = (total: number, consecutive: number) =>
  [
    { kind: 'COMPLIANT_RUNS', atLeast: total, since: 'LIFETIME' },
    { kind: 'CONSECUTIVE_COMPLIANT_RUNS', atLeast: consecutive, since: 'LIFETIME' },
  ] as const;

const anyAction = (action: string) => ({ kind: 'ACTION_TYPE', action, counts: 'ANY' }) as const;

/** What each tier may execute, in every built-in policy. */
export const builtInTiers = {
  T0: { description: 'Observes and generates plans.', permits: ['generate_plan'] },
  T1: { description: 'Plans and checks changes.', permits: ['ansible_check', 'terraform_plan'] },
  T2: { description: 'Changes sandboxes.', permits: ['ansible_run', 'terraform_apply'] },
  T3: { description: 'Makes the same changes in production, within bounds.', permits: [] },
  T4: { description: 'Fully trusted.', permits: ['*'] },
};

/** What violations do by themselves, in every built-in policy. */
export const builtInRevocation = [
  { name: 'critical-violation', severity: 'CRITICAL', violations: 1, lowers: 'TO_T0', suspends: true },
  { name: 'high-violation', severity: 'HIGH', violations: 1, lowers: 'ONE_TIER', suspends: false },
  { name: 'three-medium-violations', severity: 'MEDIUM', violations: 3, lowers: 'ONE_TIER', suspends: false },
] as const;

/** The built-in policy: the rules of the engine that Tierkeeper replaces (design rule 3.1). */
export const baseline = parsePolicy({
  name: 'baseline',
  windowDays: 30,
  steps: [
    {
      from: 'T0',
      description: 'From observing to planning and checking changes.',
      guidance: ['Plans are scoped correctly.', 'Rollbacks are clear.'],
      manualReview: false,
      requirements: [...runs(5, 3), anyAction('generate_plan'), noViolations],
      needs: [reviewer],
    },
    {
      from: 'T1',
      description: 'From planning to changing sandboxes.',
      guidance: ['Sandbox runs are compliant.', 'Modifications succeed.'],
      manualReview: false,
      requirements: [
        ...runs(10, 5),
        anyAction('ansible_check'),
        anyAction('terraform_plan'),
        { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 2 },
        noViolations,
      ],
      needs: [reviewer],
    },
    {
      from: 'T2',
      description: 'From sandboxes to bounded changes in production.',
      guidance: ['Has demonstrably reduced complexity.', 'Escalates correctly.'],
      manualReview: true,
      requirements: [
        ...runs(25, 10),
        anyAction('ansible_run'),
        anyAction('terraform_apply'),
        { kind: 'SUCCESSFUL_MODIFICATIONS', atLeast: 5 },
        noViolations,
      ],
      needs: [reviewer],
    },
    {
      from: 'T3',
      description: 'From bounded changes to full trust.',
      guidance: ['Rare.', 'Has an extensive track record.'],
      manualReview: true,
      requirements: [...runs(50, 25), noViolations],
      needs: [reviewer, { role: 'ADMIN', count: 1 }],
    },
  ],
  tiers: builtInTiers,
  revocation: builtInRevocation,
});
