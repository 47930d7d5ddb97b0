// Arbitrary stories and the facts in them, for properties. Times stand on a grid of days with a millisecond more or less,
// so that the edges of windows and cool-downs are met all the time.
import fc from 'fast-check';
import { DAY, type Facts } from '../../src/governance/facts.ts';
import { factsNeeded, type Policy } from '../../src/governance/policy.ts';
import { DECISIONS, type Action } from '../../src/governance/run.ts';
import { ACTION_TYPES, actionType, arbitraryPolicy } from '../governance/arbitrary-policy.ts';
import { foldStory, lookUp, type Event, type Story } from '../governance/story.ts';

/** The instant up to which arbitrary stories are told. */
export const NOW = Date.UTC(2026, 5, 30, 12);

const edge = fc.constantFrom(-1, 0, 1);

/** An instant so many days after `NOW` (before it, if negative), give or take a millisecond. */
export function arbitraryInstant(fromDay: number, toDay: number): fc.Arbitrary<number> {
  return fc.tuple(fc.integer({ min: fromDay, max: toDay }), edge).map(([days, ms]) => NOW + days * DAY + ms);
}

const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
const past = fc
  .oneof(arbitraryInstant(-70, 0), arbitraryInstant(-32, 0))
  .map((instant) => Math.min(instant, NOW));

const arbitraryAction: fc.Arbitrary<Action> = fc.record({
  type: actionType,
  decision: fc.oneof(fc.constant('EXECUTE' as const), fc.constantFrom(...DECISIONS)),
  success: fc.oneof(fc.constant(true), fc.boolean()),
  occurredAt: past,
});

/** A run in which every type of action was carried out. */
const thorough = past.map((occurredAt) =>
  ACTION_TYPES.map((type): Action => ({ type, decision: 'EXECUTE', success: true, occurredAt })),
);

const run = fc.record({
  type: fc.constant('RUN' as const),
  actions: fc.oneof(fc.array(arbitraryAction, { maxLength: 3 }), thorough),
  violations: fc.oneof(
    { weight: 9, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(past, { maxLength: 2 }) },
  ),
});
const report = fc.record({
  type: fc.constant('REPORT' as const),
  occurredAt: past,
  named: fc.option(fc.nat({ max: 40 })),
});
const promotion = fc.constant({ type: 'PROMOTION' as const });
const revocation = fc.constant({ type: 'REVOCATION' as const, toTier: 'T0' as const });

/** Things that happened, each with how many times it did. */
const told = fc.tuple(
  fc.oneof(
    { weight: 9, arbitrary: run },
    { weight: 1, arbitrary: report },
    { weight: 1, arbitrary: promotion },
    { weight: 1, arbitrary: revocation },
  ),
  fc.constantFrom(1, 1, 1, 12),
);

/** Runs, reports, promotions and revocations; a few promotions came before everything else. */
const happened = fc
  .tuple(fc.nat({ max: 3 }), fc.array(told, { maxLength: 12 }))
  .map(([early, list]) => [
    ...Array.from({ length: early }, () => ({ type: 'PROMOTION' as const })),
    ...list.flatMap(([event, times]) =>
      Array.from({ length: event.type === 'RUN' ? times : 1 }, () => event),
    ),
  ]);

/** In the order they were recorded; nothing is recorded before it occurred, and a report names an earlier run or none. */
const events: fc.Arbitrary<readonly Event[]> = fc
  .tuple(happened, fc.array(past, { minLength: 1, maxLength: 12 }))
  .map(([list, instants]) => {
    const times = list.map((_, index) => instants[index % instants.length] ?? NOW).sort((a, b) => a - b);
    const isRun = (named: number | null, before: number) =>
      named !== null && named < before && list[named]?.type === 'RUN';
    return list.map((event, index): Event => {
      const at = times[index] ?? NOW;
      const by = (occurredAt: number) => Math.min(occurredAt, at);
      switch (event.type) {
        case 'RUN': {
          const actions = event.actions.map((action) => ({ ...action, occurredAt: by(action.occurredAt) }));
          return { ...event, at, actions, violations: event.violations.map(by) };
        }
        case 'REPORT': {
          const named = isRun(event.named, index) ? event.named : null;
          return { ...event, at, occurredAt: by(event.occurredAt), named };
        }
        case 'PROMOTION':
        case 'REVOCATION':
          return { ...event, at };
      }
    });
  });

/** Everything that could have been recorded of an agent by `NOW`. */
export const arbitraryStory: fc.Arbitrary<Story> = fc.record({
  agentId: fc.constantFrom('agent-1', 'payments.eu_2'),
  registeredAt: fc.constant(NOW - 80 * DAY),
  events,
  candidacy: fc.option(fc.integer({ min: 1, max: 1_000 })),
  suspended: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)),
  revocationCoolDownUntil: seldom(arbitraryInstant(-3, 20)),
  denialCoolDownUntil: seldom(arbitraryInstant(-3, 8)),
});

/** A policy with the facts that it needs of an arbitrary story at `NOW`. */
export const arbitraryFacts: fc.Arbitrary<{
  readonly policy: Policy;
  readonly story: Story;
  readonly facts: Facts;
}> = fc
  .record({ policy: arbitraryPolicy, story: arbitraryStory })
  .map(({ policy, story }) => ({ policy, story, facts: factsIn(story, policy, NOW) }));

/** The facts of a story that a policy needs at an instant. */
export function factsIn(story: Story, policy: Policy, asOf: number): Facts {
  return lookUp(story, factsNeeded(policy, foldStory(story).tier), { asOf, windowDays: policy.windowDays });
}
