import { parsePolicy, policyData } from '../policy.ts';
import type { RequirementData } from '../requirements/index.ts';
import { baseline } from './baseline.ts';

/** Runners record plans and checks with the decision PLAN, since they change nothing. */
const COUNTED: Readonly<Record<string, 'SUCCESSFUL_PLANS'>> = {
  generate_plan: 'SUCCESSFUL_PLANS',
  ansible_check: 'SUCCESSFUL_PLANS',
  terraform_plan: 'SUCCESSFUL_PLANS',
};

function stricter(data: RequirementData): RequirementData {
  switch (data.kind) {
    case 'COMPLIANT_RUNS':
    case 'CONSECUTIVE_COMPLIANT_RUNS':
      return { ...data, since: 'TIER' };
    case 'ACTION_TYPE':
      return { ...data, counts: COUNTED[data.action] ?? 'SUCCESSFUL_EXECUTIONS' };
    case 'SUCCESSFUL_MODIFICATIONS':
    case 'VIOLATIONS':
    case 'TIME_AT_TIER':
      return data;
  }
}

/**
 * A template for teams that trust less: like `baseline`, but of an action type only what succeeded counts (plans and
 * checks as PLAN, changes as EXECUTE), only runs since the tier was entered, and an agent stays at least 7 days at each tier.
 */
export const strict = parsePolicy({
  ...policyData(baseline),
  name: 'strict',
  steps: baseline.steps.map((step) => ({
    ...step,
    requirements: [...step.requirements.map(stricter), { kind: 'TIME_AT_TIER', days: 7 }],
  })),
});
