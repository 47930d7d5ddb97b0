// An evaluation written from design rules 3.1–3.3 alone: it holds the whole story and counts everything anew at every
// instant. It shares nothing with src/governance but the shape of a policy, so that both can be compared.
import type { Policy } from '../../src/governance/policy.ts';
import type { RequirementData } from '../../src/governance/requirements/index.ts';
import { actionsOf, violationsOf, type Event, type Story } from './story.ts';

const TIERS = ['T0', 'T1', 'T2', 'T3', 'T4'];
const DAY = 24 * 60 * 60 * 1000;

/** Status, met flags and blockers: all that an answer is. */
export interface NaiveAnswer {
  readonly status: string;
  readonly met: readonly boolean[];
  readonly blockers: readonly string[];
}

/** The answer of a policy about a story at an instant. */
export function naiveAnswer(policy: Policy, story: Story, asOf: number): NaiveAnswer {
  const { tier } = tierEntered(story);
  const step = policy.steps.find((each) => each.from === tier);
  const met = (step?.requirements ?? []).map((data) =>
    isMet(data, story, { asOf, windowDays: policy.windowDays }),
  );
  const blockers = blockersOf(story, asOf, tier === 'T4');
  return { status: statusOf(step?.manualReview, met, blockers), met, blockers };
}

function statusOf(
  manualReview: boolean | undefined,
  met: readonly boolean[],
  blockers: readonly string[],
): string {
  if (manualReview === undefined) return 'NOT_ELIGIBLE';
  if (blockers.includes('DENIAL_COOL_DOWN')) return 'DENIED';
  if (met.includes(false) || blockers.length > 0) return 'NOT_ELIGIBLE';
  return manualReview ? 'PENDING_REVIEW' : 'ELIGIBLE';
}

function blockersOf(story: Story, asOf: number, highest: boolean): readonly string[] {
  const cooling = (until: number | null) => until !== null && asOf < until;
  return [
    ...(highest ? ['MAXIMUM_TIER'] : []),
    ...(story.suspended ? ['SUSPENDED'] : []),
    ...(cooling(story.revocationCoolDownUntil) ? ['REVOCATION_COOL_DOWN'] : []),
    ...(cooling(story.denialCoolDownUntil) ? ['DENIAL_COOL_DOWN'] : []),
  ];
}

interface Window {
  readonly asOf: number;
  readonly windowDays: number;
}

function isMet(data: RequirementData, story: Story, window: Window): boolean {
  const inWindow = ({ occurredAt }: { occurredAt: number }) =>
    window.asOf - window.windowDays * DAY <= occurredAt && occurredAt <= window.asOf;
  const executed = actionsOf(story).filter(
    (each) => each.decision === 'EXECUTE' && each.success && inWindow(each),
  );
  switch (data.kind) {
    case 'COMPLIANT_RUNS':
      return compliantRuns(story, data.since === 'TIER' ? tierEntered(story).index : -1) >= data.atLeast;
    case 'CONSECUTIVE_COMPLIANT_RUNS':
      return streak(story, data.since === 'TIER' ? tierEntered(story).index : -1) >= data.atLeast;
    case 'ACTION_TYPE':
      return actionsOf(story).some(
        (each) =>
          each.type === data.action &&
          inWindow(each) &&
          (data.counts === 'ANY' ||
            (each.success && each.decision === (data.counts === 'SUCCESSFUL_PLANS' ? 'PLAN' : 'EXECUTE'))),
      );
    case 'SUCCESSFUL_MODIFICATIONS':
      return executed.length >= data.atLeast;
    case 'VIOLATIONS':
      return violationsOf(story).filter((occurredAt) => inWindow({ occurredAt })).length <= data.atMost;
    case 'TIME_AT_TIER':
      return window.asOf - tierEntered(story).at >= data.days * DAY;
  }
}

/** A run is compliant if no violation stands in it and none was ever reported of it. */
function compliantRuns(story: Story, after: number): number {
  const named = new Set(story.events.map((event) => (event.type === 'REPORT' ? event.named : null)));
  return story.events.filter(
    (event, index) =>
      index > after && event.type === 'RUN' && event.violations.length === 0 && !named.has(index),
  ).length;
}

/** The runs recorded since the last violation was, or a revocation. */
function streak(story: Story, after: number): number {
  const last = story.events.findLastIndex(
    (event) =>
      event.type === 'REPORT' ||
      event.type === 'REVOCATION' ||
      (event.type === 'RUN' && event.violations.length > 0),
  );
  return story.events.filter((event, index) => index > Math.max(last, after) && event.type === 'RUN').length;
}

/** The tier that a story has come to, with when it was entered and by which event: a revocation to the same tier enters nothing. */
export function tierEntered({ registeredAt, events }: Pick<Story, 'registeredAt' | 'events'>): {
  readonly tier: string;
  readonly at: number;
  readonly index: number;
} {
  let entered = { tier: 'T0', at: registeredAt, index: -1 };
  events.forEach((event, index) => {
    const tier = tierAfter(event, entered.tier);
    if (tier !== entered.tier) entered = { tier, at: event.at, index };
  });
  return entered;
}

function tierAfter(event: Event, tier: string): string {
  if (event.type === 'REVOCATION') return event.toTier;
  return event.type === 'PROMOTION' ? (TIERS[TIERS.indexOf(tier) + 1] ?? tier) : tier;
}

/** Every instant from `asOf` on at which an answer could differ from the one a millisecond earlier, and its neighbours. */
export function instantsOf(policy: Policy, story: Story, asOf: number): readonly number[] {
  const days = policy.steps.flatMap((step) =>
    step.requirements.map((data) => (data.kind === 'TIME_AT_TIER' ? data.days : 0)),
  );
  const facts = [...actionsOf(story).map((action) => action.occurredAt), ...violationsOf(story)];
  const instants = [
    ...facts.map((occurredAt) => occurredAt + policy.windowDays * DAY),
    ...days.map((count) => tierEntered(story).at + count * DAY),
    ...[story.revocationCoolDownUntil, story.denialCoolDownUntil].filter((until) => until !== null),
  ];
  const near = instants
    .flatMap((instant) => [instant - 1, instant, instant + 1])
    .filter((instant) => instant > asOf);
  return [asOf, ...new Set(near)].sort((a, b) => a - b);
}
