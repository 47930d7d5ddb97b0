import type { Blocker, Evaluation } from './evaluation.ts';

/** The furthest instant that a date can hold. */
const END_OF_TIME = 8.64e15;

const day = (instant: number) =>
  new Date(Math.min(Math.max(instant, -END_OF_TIME), END_OF_TIME))
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d\d\.\d{3}Z$/, ' UTC');

/** What stands in the way, as people read it. */
export function blockerMessage(blocker: Blocker): string {
  switch (blocker.kind) {
    case 'MAXIMUM_TIER':
      return 'T4 is the highest tier.';
    case 'SUSPENDED':
      return 'Suspended until an admin reinstates it.';
    case 'REVOCATION_COOL_DOWN':
      return `Cooling down after a revocation until ${day(blocker.until ?? 0)}.`;
    case 'DENIAL_COOL_DOWN':
      return `Denied; it can be promoted again from ${day(blocker.until ?? 0)}.`;
  }
}

/** What to do next about an agent, in one or two sentences. */
export function recommendation(evaluation: Evaluation): string {
  const { status, step, targetTier, requirements, blockers, eligibleAt } = evaluation;
  const missing = requirements.filter((each) => !each.met).map((each) => each.message);
  switch (status) {
    case 'ELIGIBLE':
      return `Has earned ${targetTier}: a reviewer can promote it.`;
    case 'PENDING_REVIEW':
      return `Meets every requirement of ${targetTier}; people must review it: ${(step?.guidance ?? []).join(' ')}`.trim();
    case 'DENIED':
    case 'NOT_ELIGIBLE': {
      const needs = missing.length > 0 ? `Needs ${missing.join('; ')}.` : '';
      const when = eligibleAt === null ? '' : `Eligible from ${day(eligibleAt)} if nothing else happens.`;
      return [...blockers.map(blockerMessage), needs, when].filter(Boolean).join(' ');
    }
  }
}
