import { z } from 'zod';
import { DAY, NOTHING_NEEDED } from '../facts.ts';
import { plural, type RequirementKindDefinition } from '../requirement.ts';

const schema = z.strictObject({
  kind: z.literal('TIME_AT_TIER'),
  days: z.int().min(1).max(3_650),
});

/** Whole days since the agent entered its tier. */
export const timeAtTier = {
  kind: 'TIME_AT_TIER',
  description: 'Whole days since the agent entered its tier; `remaining` is rounded up.',
  schema,
  bound: 'AT_LEAST',
  required: (data) => data.days,
  action: () => null,
  message: (data) => `${plural(data.days, 'day')} at this tier`,
  needs: () => NOTHING_NEEDED,
  measure: (data, { asOf, state }) => {
    const reachedAt = state.tierSince + data.days * DAY;
    return {
      actual: Math.max(0, Math.floor((asOf - state.tierSince) / DAY)),
      changesAt: asOf < reachedAt ? reachedAt : null,
    };
  },
} satisfies RequirementKindDefinition<'TIME_AT_TIER', z.infer<typeof schema>>;
