import { z } from 'zod';
import { leavesWindow, NOTHING_NEEDED, type Facts, type FactsNeeded } from '../facts.ts';
import type { RequirementKindDefinition } from '../requirement.ts';

const schema = z.strictObject({
  kind: z.literal('ACTION_TYPE'),
  action: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cs}*$/u, 'is not well-formed Unicode'),
  /** ANY: an action of any decision and outcome counts. Else only those of one decision count, with success. */
  counts: z.enum(['ANY', 'SUCCESSFUL_EXECUTIONS', 'SUCCESSFUL_PLANS']),
});

type Data = z.infer<typeof schema>;

interface Counting {
  readonly noun: string;
  needs(action: string): Partial<FactsNeeded>;
  newest(facts: Facts): Readonly<Record<string, number>>;
}

const COUNTING: Readonly<Record<Data['counts'], Counting>> = {
  ANY: {
    noun: 'an action',
    needs: (action) => ({ actionTypes: [action] }),
    newest: (facts) => facts.newestActions,
  },
  SUCCESSFUL_EXECUTIONS: {
    noun: 'a successful execution',
    needs: (action) => ({ executionTypes: [action] }),
    newest: (facts) => facts.newestExecutions,
  },
  SUCCESSFUL_PLANS: {
    noun: 'a successful plan',
    needs: (action) => ({ planTypes: [action] }),
    newest: (facts) => facts.newestPlans ?? {},
  },
};

function newest({ action, counts }: Data, facts: Facts): number | undefined {
  const times = COUNTING[counts].newest(facts);
  return Object.hasOwn(times, action) ? times[action] : undefined;
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
    `${COUNTING[data.counts].noun} of type ${data.action} in the last ${windowDays} days`,
  needs: ({ action, counts }) => ({ ...NOTHING_NEEDED, ...COUNTING[counts].needs(action) }),
  measure: (data, facts, windowDays) => {
    const occurredAt = newest(data, facts);
    return occurredAt === undefined
      ? { actual: 0, changesAt: null }
      : { actual: 1, changesAt: leavesWindow(occurredAt, windowDays) };
  },
} satisfies RequirementKindDefinition<'ACTION_TYPE', Data>;
