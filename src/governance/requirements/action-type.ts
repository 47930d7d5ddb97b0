import { z } from 'zod';
import { leavesWindow, NOTHING_NEEDED, type Facts } from '../facts.ts';
import type { RequirementKindDefinition } from '../requirement.ts';

const schema = z.strictObject({
  kind: z.literal('ACTION_TYPE'),
  action: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cs}*$/u, 'is not well-formed Unicode'),
  /** ANY: an action of any decision and outcome counts. */
  counts: z.enum(['ANY', 'SUCCESSFUL_EXECUTIONS']),
});

type Data = z.infer<typeof schema>;

function newest(data: Data, facts: Facts): number | undefined {
  const times = data.counts === 'ANY' ? facts.newestActions : facts.newestExecutions;
  return Object.hasOwn(times, data.action) ? times[data.action] : undefined;
}

/** An action of one type in the window. `actual` is 1 or 0: only the newest is looked up. */
export const actionType = {
  kind: 'ACTION_TYPE',
  description: 'At least one action of a type in the window. `actual` is 1 or 0.',
  schema,
  bound: 'AT_LEAST',
  required: () => 1,
  action: (data) => data.action,
  message: (data, windowDays) =>
    `${data.counts === 'ANY' ? 'an action' : 'a successful execution'} of type ${data.action} in the last ${windowDays} days`,
  needs: (data) =>
    data.counts === 'ANY'
      ? { ...NOTHING_NEEDED, actionTypes: [data.action] }
      : { ...NOTHING_NEEDED, executionTypes: [data.action] },
  measure: (data, facts, windowDays) => {
    const occurredAt = newest(data, facts);
    return occurredAt === undefined
      ? { actual: 0, changesAt: null }
      : { actual: 1, changesAt: leavesWindow(occurredAt, windowDays) };
  },
} satisfies RequirementKindDefinition<'ACTION_TYPE', Data>;
