import { z } from 'zod';
import { leavesWindow, NOTHING_NEEDED } from '../facts.ts';
import { plural, type RequirementKindDefinition } from '../requirement.ts';

const schema = z.strictObject({
  kind: z.literal('VIOLATIONS'),
  atMost: z.int().min(0).max(1_000),
});

/** Violations in the window, of any severity. With k of them and m allowed, v[k−m] is the one whose leaving helps. */
export const violations = {
  kind: 'VIOLATIONS',
  description: 'Violations in the window, of any severity: `required` are allowed, `remaining` are too many.',
  schema,
  bound: 'AT_MOST',
  required: (data) => data.atMost,
  action: () => null,
  message: (data, windowDays) =>
    `${data.atMost === 0 ? 'no violations' : `at most ${plural(data.atMost, 'violation')}`} in the last ${windowDays} days`,
  needs: (data) => ({ ...NOTHING_NEEDED, violations: data.atMost + 1 }),
  measure: (data, facts, windowDays) => {
    const last = facts.violations.newest[data.atMost];
    return {
      actual: facts.violations.count,
      changesAt: last === undefined ? null : leavesWindow(last, windowDays),
    };
  },
} satisfies RequirementKindDefinition<'VIOLATIONS', z.infer<typeof schema>>;
