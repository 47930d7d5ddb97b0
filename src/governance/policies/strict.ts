import { parsePolicy, policyData } from '../policy.ts';
import type { RequirementData } from '../requirements/index.ts';
import { baseline } from './baseline.ts';

function stricter(data: RequirementData): RequirementData {
  switch (data.kind) {
    case 'COMPLIANT_RUNS':
    case 'CONSECUTIVE_COMPLIANT_RUNS':
      return { ...data, since: 'TIER' };
    case 'ACTION_TYPE':
      return { ...data, counts: 'SUCCESSFUL_EXECUTIONS' };
    case 'SUCCESSFUL_MODIFICATIONS':
    case 'VIOLATIONS':
    case 'TIME_AT_TIER':
      return data;
  }
}

/**
 * A template for teams that trust less: like `baseline`, but only successful executions of an action type count, only
 * runs since the tier was entered, and an agent stays at least 7 days at each tier.
 */
export const strict = parsePolicy({
  ...policyData(baseline),
  name: 'strict',
  steps: baseline.steps.map((step) => ({
    ...step,
    requirements: [...step.requirements.map(stricter), { kind: 'TIME_AT_TIER', days: 7 }],
  })),
});
