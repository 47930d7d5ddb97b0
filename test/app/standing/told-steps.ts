import fc from 'fast-check';
import { ACTION_TYPES } from '../../governance/arbitrary-policy.ts';
import type { Severity } from '../../../src/governance/severity.ts';
import { TIERS, type Tier } from '../../../src/governance/tier.ts';
import { DAY } from '../../support/given-engine.ts';

/** The agents of these stories; `ann` is also a person who votes. */
export const AGENT_IDS = ['eve', 'bob', 'ann'] as const;

/** An action; times are so many milliseconds before the step. */
export interface ToldAction {
  readonly type: string;
  readonly decision: 'EXECUTE' | 'PLAN';
  readonly success: boolean;
  readonly ago: number;
}

/** A violation. */
export interface ToldViolation {
  readonly severity: Severity;
  readonly ago: number;
}

/** A run. */
export interface ToldRun {
  readonly actions: readonly ToldAction[];
  readonly violations: readonly ToldViolation[];
}

/** What somebody decides about an agent; `voter` is who. */
export type ToldDecision = { readonly agentId: string; readonly voter: number } & (
  | { readonly step: 'PROMOTE' | 'DENY' | 'REINSTATE' }
  | { readonly step: 'REVOKE'; readonly toTier: Tier | null; readonly suspend: boolean }
  | { readonly step: 'UPDATE'; readonly owner: string | null; readonly retired: boolean | null }
);

/** One thing that happens. */
export type ToldStep =
  | {
      readonly step: 'RECORD';
      readonly agentId: string;
      readonly runs: readonly ToldRun[];
      /** How often the first run is carried out. */
      readonly times: number;
      readonly recorder: string;
      readonly owner: string | null;
    }
  | {
      readonly step: 'REPORT';
      readonly agentId: string;
      readonly violation: ToldViolation;
      readonly named: number | null;
    }
  | ToldDecision
  | { readonly step: 'ADVANCE'; readonly by: number };

const agentId = fc.constantFrom(...AGENT_IDS);
/** Instants on a grid of days, a millisecond more or less: the edges of the window are met all the time. */
const ago = fc
  .tuple(fc.constantFrom(0, 0, 0, 1, 6, 7, 29, 30, 31, 60), fc.constantFrom(0, 0, 1, -1))
  .map(([days, ms]) => Math.max(0, days * DAY + ms));

const action: fc.Arbitrary<ToldAction> = fc.record({
  type: fc.constantFrom(...ACTION_TYPES),
  decision: fc.constantFrom('EXECUTE', 'EXECUTE', 'PLAN'),
  success: fc.constantFrom(true, true, false),
  ago,
});
/** A run in which every type of action was carried out. */
const thorough = ago.map((each) =>
  ACTION_TYPES.map((type) => ({ type, decision: 'EXECUTE' as const, success: true, ago: each })),
);

const violation: fc.Arbitrary<ToldViolation> = fc.record({
  severity: fc.constantFrom('LOW', 'LOW', 'LOW', 'MEDIUM', 'MEDIUM', 'MEDIUM', 'HIGH', 'CRITICAL'),
  ago,
});

const run: fc.Arbitrary<ToldRun> = fc.record({
  actions: fc.oneof(fc.constant<readonly ToldAction[]>([]), fc.array(action, { maxLength: 3 }), thorough),
  violations: fc.oneof(
    { weight: 9, arbitrary: fc.constant<readonly ToldViolation[]>([]) },
    { weight: 1, arbitrary: fc.array(violation, { minLength: 1, maxLength: 3 }) },
  ),
});

const record = fc.record({
  step: fc.constant('RECORD' as const),
  agentId,
  runs: fc.array(run, { minLength: 1, maxLength: 3 }),
  times: fc.constantFrom(1, 1, 3, 12, 50),
  recorder: fc.constantFrom('runner', 'runner', 'runner', 'runner', 'ben'),
  owner: fc.constantFrom(null, null, 'abe'),
});
const report = fc.record({
  step: fc.constant('REPORT' as const),
  agentId,
  violation,
  named: fc.option(fc.nat({ max: 60 })),
});
const by = { agentId, voter: fc.nat({ max: 3 }) };
const promote = fc.record({ step: fc.constant('PROMOTE' as const), ...by });
const decided = fc.oneof(
  fc.record({ step: fc.constantFrom('DENY' as const, 'REINSTATE' as const), ...by }),
  fc.record({
    step: fc.constant('REVOKE' as const),
    ...by,
    toTier: fc.constantFrom(null, ...TIERS),
    suspend: fc.boolean(),
  }),
  fc.record({
    step: fc.constant('UPDATE' as const),
    ...by,
    owner: fc.constantFrom(null, 'abe', 'ben', 'zoe'),
    retired: fc.constantFrom(null, null, true, false),
  }),
);
const advance = fc.record({
  step: fc.constant('ADVANCE' as const),
  by: fc.oneof(
    fc.integer({ min: 1, max: 3 * DAY }),
    ago.filter((each) => each > 0),
  ),
});

/** Anything that can happen. */
export const toldStep: fc.Arbitrary<ToldStep> = fc.oneof(
  { weight: 4, arbitrary: record },
  { weight: 1, arbitrary: report },
  { weight: 4, arbitrary: promote },
  { weight: 2, arbitrary: decided },
  { weight: 2, arbitrary: advance },
);

/** Runs that earn a tier or two. */
const earning = thorough.map((actions): ToldStep => {
  const runs = [
    { actions: [], violations: [] },
    { actions, violations: [] },
  ];
  return { step: 'RECORD', agentId: 'eve', runs, times: 11, recorder: 'runner', owner: null };
});

/** A short story of few runs, which begins with what earns a tier more often than not. */
export const toldSequence: fc.Arbitrary<readonly ToldStep[]> = fc
  .tuple(fc.array(earning, { maxLength: 1 }), fc.array(toldStep, { minLength: 2, maxLength: 5, size: 'max' }))
  .map(([first, then]) => [...first, ...then.map(withFewRuns)]);

function withFewRuns(step: ToldStep): ToldStep {
  return step.step === 'RECORD' ? { ...step, times: Math.min(step.times, 3) } : step;
}
