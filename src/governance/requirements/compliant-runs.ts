import { z } from 'zod';
import { NOTHING_NEEDED } from '../facts.ts';
import { plural, type RequirementKindDefinition } from '../requirement.ts';

/** What a count of runs goes back to: the agent's beginning, or the moment it entered its tier. */
export const since = z.enum(['LIFETIME', 'TIER']);

const schema = z.strictObject({
  kind: z.literal('COMPLIANT_RUNS'),
  atLeast: z.int().min(1).max(1_000_000),
  since,
});

/** Compliant runs, over the agent's lifetime (a promotion does not reset them) or since it entered its tier. */
export const compliantRuns = {
  kind: 'COMPLIANT_RUNS',
  description: 'Runs without a violation, over the lifetime of the agent or since it entered its tier.',
  schema,
  bound: 'AT_LEAST',
  required: (data) => data.atLeast,
  action: () => null,
  message: (data) =>
    `${plural(data.atLeast, 'compliant run')}${data.since === 'TIER' ? ' at this tier' : ''}`,
  needs: () => NOTHING_NEEDED,
  measure: (data, { state }) => ({
    actual: (data.since === 'TIER' ? state.countersAtTier : state.counters).compliantRuns,
    changesAt: null,
  }),
} satisfies RequirementKindDefinition<'COMPLIANT_RUNS', z.infer<typeof schema>>;
