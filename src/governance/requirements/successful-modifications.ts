import { z } from 'zod';
import { leavesWindow, NOTHING_NEEDED } from '../facts.ts';
import { plural, type RequirementKindDefinition } from '../requirement.ts';

const schema = z.strictObject({
  kind: z.literal('SUCCESSFUL_MODIFICATIONS'),
  atLeast: z.int().min(1).max(1_000),
});

/** Successful executions of any type in the window: decision EXECUTE, with success. `actual` stops at `required`. */
export const successfulModifications = {
  kind: 'SUCCESSFUL_MODIFICATIONS',
  description:
    'Actions with decision EXECUTE and success in the window. `actual` stops counting at `required`: only as many are looked up.',
  schema,
  bound: 'AT_LEAST',
  required: (data) => data.atLeast,
  action: () => null,
  message: (data, windowDays) =>
    `${plural(data.atLeast, 'successful execution')} in the last ${windowDays} days`,
  needs: (data) => ({ ...NOTHING_NEEDED, successfulExecutions: data.atLeast }),
  measure: (data, facts, windowDays) => {
    const nth = facts.successfulExecutions[data.atLeast - 1];
    return {
      actual: Math.min(facts.successfulExecutions.length, data.atLeast),
      changesAt: nth === undefined ? null : leavesWindow(nth, windowDays),
    };
  },
} satisfies RequirementKindDefinition<'SUCCESSFUL_MODIFICATIONS', z.infer<typeof schema>>;
