import {
  afterPromotion,
  afterReportedViolation,
  afterRevocation,
  afterRun,
  afterViolationInRun,
  registered,
  type AgentState,
} from '../../src/governance/agent-state.ts';
import { DAY, type Facts, type FactsNeeded } from '../../src/governance/facts.ts';
import type { Action } from '../../src/governance/run.ts';
import { nextTier, type Tier } from '../../src/governance/tier.ts';

/** One thing that was recorded, at an instant; `named` is the position in the story of the run that a report names. */
export type Event =
  | {
      readonly type: 'RUN';
      readonly at: number;
      readonly actions: readonly Action[];
      readonly violations: readonly number[];
    }
  | {
      readonly type: 'REPORT';
      readonly at: number;
      readonly occurredAt: number;
      readonly named: number | null;
    }
  | { readonly type: 'PROMOTION'; readonly at: number }
  /** By somebody or by a rule; to the present tier if it only suspends. */
  | { readonly type: 'REVOCATION'; readonly at: number; readonly toTier: Tier };

/** Everything that was ever recorded of an agent, oldest first, and what people have put in its way. */
export interface Story {
  readonly agentId: string;
  readonly registeredAt: number;
  readonly events: readonly Event[];
  readonly candidacy: number | null;
  readonly suspended: boolean;
  readonly revocationCoolDownUntil: number | null;
  readonly denialCoolDownUntil: number | null;
}

/** The state that the product's own folds make of a story, with a `seq` for every entry. */
export function foldStory(story: Story): AgentState {
  const runs = new Map<number, { seq: number; compliant: boolean }>();
  let seq = 1;
  let state = registered(story.agentId, story.registeredAt, seq);
  story.events.forEach((event, index) => {
    seq += 1;
    switch (event.type) {
      case 'RUN':
        runs.set(index, { seq, compliant: event.violations.length === 0 });
        state = afterRun(state, event.violations.length === 0);
        event.violations.forEach(() => (state = afterViolationInRun(state, (seq += 1))));
        break;
      case 'REPORT': {
        const run = event.named === null ? null : (runs.get(event.named) ?? null);
        state = afterReportedViolation(state, { seq, run: run && { ...run } });
        if (run !== null) run.compliant = false;
        break;
      }
      case 'PROMOTION': {
        const toTier = nextTier(state.tier);
        if (toTier !== null) state = afterPromotion(state, { toTier, at: event.at, seq });
        break;
      }
      case 'REVOCATION': {
        const { toTier, at } = event;
        state = afterRevocation(state, { toTier, at, seq, suspends: false, coolDownUntil: at });
      }
    }
  });
  const { suspended, revocationCoolDownUntil, denialCoolDownUntil } = story;
  return { ...state, suspended, revocationCoolDownUntil, denialCoolDownUntil };
}

/** Every action of a story. */
export function actionsOf(story: Story): readonly Action[] {
  return story.events.flatMap((event) => (event.type === 'RUN' ? event.actions : []));
}

/** When each violation of a story occurred. */
export function violationsOf(story: Story): readonly number[] {
  return story.events.flatMap((event) => {
    if (event.type === 'RUN') return event.violations;
    return event.type === 'REPORT' ? [event.occurredAt] : [];
  });
}

/** Looks up facts in a story as a database would: only what is needed, only what the window holds, newest first. */
export function lookUp(story: Story, needed: FactsNeeded, at: { asOf: number; windowDays: number }): Facts {
  const inWindow = (occurredAt: number) =>
    occurredAt >= at.asOf - at.windowDays * DAY && occurredAt <= at.asOf;
  const newestFirst = (times: readonly number[]) => times.filter(inWindow).sort((a, b) => b - a);
  const actions = actionsOf(story);
  const executions = actions.filter((action) => action.decision === 'EXECUTE' && action.success);
  const plans = actions.filter((action) => action.decision === 'PLAN' && action.success);
  const newestByType = (from: readonly Action[], types: readonly string[]) =>
    Object.fromEntries(
      types.flatMap((type) => {
        const [newest] = newestFirst(
          from.filter((action) => action.type === type).map((each) => each.occurredAt),
        );
        return newest === undefined ? [] : [[type, newest] as const];
      }),
    );
  const violations = newestFirst(violationsOf(story));
  return {
    asOf: at.asOf,
    state: foldStory(story),
    candidacy: story.candidacy,
    newestActions: newestByType(actions, needed.actionTypes),
    newestExecutions: newestByType(executions, needed.executionTypes),
    ...(needed.planTypes.length === 0 ? {} : { newestPlans: newestByType(plans, needed.planTypes) }),
    successfulExecutions: newestFirst(executions.map((each) => each.occurredAt)).slice(
      0,
      needed.successfulExecutions,
    ),
    violations: { count: violations.length, newest: violations.slice(0, needed.violations) },
  };
}
