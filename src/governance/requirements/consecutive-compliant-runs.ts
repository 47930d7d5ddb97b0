import { z } from 'zod';
import { NOTHING_NEEDED } from '../facts.ts';
import { plural, type RequirementKindDefinition } from '../requirement.ts';
import { since } from './compliant-runs.ts';

const schema = z.strictObject({
  kind: z.literal('CONSECUTIVE_COMPLIANT_RUNS'),
  atLeast: z.int().min(1).max(1_000_000),
  since,
});

/** The present streak of compliant runs: any violation, however late it is reported, ends it. */
export const consecutiveCompliantRuns = {
  kind: 'CONSECUTIVE_COMPLIANT_RUNS',
  description:
    'The present streak of runs without a violation; any violation, however late reported, ends it.',
  schema,
  bound: 'AT_LEAST',
  required: (data) => data.atLeast,
  action: () => null,
  message: (data) =>
    `${plural(data.atLeast, 'compliant run')} in a row${data.since === 'TIER' ? ' at this tier' : ''}`,
  needs: () => NOTHING_NEEDED,
  measure: (data, { state }) => ({
    actual: (data.since === 'TIER' ? state.countersAtTier : state.counters).consecutiveCompliantRuns,
    changesAt: null,
  }),
} satisfies RequirementKindDefinition<'CONSECUTIVE_COMPLIANT_RUNS', z.infer<typeof schema>>;
