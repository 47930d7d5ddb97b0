import type { Evaluation } from './evaluation.ts';
import type { ApprovalNeed } from './policy.ts';
import type { Tier } from './tier.ts';

/** Everything that a command can be refused for. */
export const ERROR_CODES = [
  'NOT_ELIGIBLE',
  'FORBIDDEN',
  'SELF_APPROVAL',
  'DUPLICATE_APPROVAL',
  'STALE_EVALUATION',
  'MAXIMUM_TIER',
  'NO_CANDIDACY',
  'NOT_LOWER',
  'AGENT_NOT_FOUND',
  'VALIDATION',
  'IDEMPOTENCY_CONFLICT',
  'RUN_CONFLICT',
  'OWNER_CONFLICT',
  'TIME_IN_FUTURE',
] as const;

/** The code of a refusal. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A command that was refused by rule or right: `message` says what was wrong and what to do. */
export abstract class GovernanceError extends Error {
  abstract readonly code: ErrorCode;
}

/** Requirements are unmet, or something blocks the promotion. */
export class NotEligibleError extends GovernanceError {
  readonly code = 'NOT_ELIGIBLE';
  constructor(
    readonly agentId: string,
    readonly evaluation: Evaluation,
    reasons: string,
  ) {
    super(`${agentId} can't be promoted now. ${reasons}`);
  }
}

/** The caller lacks the right; `needs` are the roles of which one would do, none if no role would. */
export class ForbiddenError extends GovernanceError {
  readonly code = 'FORBIDDEN';
  constructor(
    message: string,
    readonly needs: readonly string[],
  ) {
    super(message);
  }
}

/** Nobody approves themselves, an agent they own, or one whose runs they recorded. */
export class SelfApprovalError extends GovernanceError {
  readonly code = 'SELF_APPROVAL';
}

/** The caller has approved this candidacy already; `approval` is the `seq` of the entry that recorded it. */
export class DuplicateApprovalError extends GovernanceError {
  readonly code = 'DUPLICATE_APPROVAL';
  constructor(
    readonly agentId: string,
    readonly approval: number,
    readonly missing: readonly ApprovalNeed[],
  ) {
    super(
      `You have approved this promotion of ${agentId} already. Still needed: ${missing.map((need) => `${need.count} ${need.role.toLowerCase()}`).join(', ')}.`,
    );
  }
}

/** The agent is no longer what the approval was given for. */
export class StaleEvaluationError extends GovernanceError {
  readonly code = 'STALE_EVALUATION';
  constructor(
    readonly agentId: string,
    what: string,
  ) {
    super(`${what} Look at ${agentId} again and decide anew.`);
  }
}

/** T4 is the highest tier. */
export class MaximumTierError extends GovernanceError {
  readonly code = 'MAXIMUM_TIER';
  constructor(readonly agentId: string) {
    super(`${agentId} is at T4, the highest tier.`);
  }
}

/** There is no claim that could be denied: the agent has not earned the next tier, or its claim has ended. */
export class NoCandidacyError extends GovernanceError {
  readonly code = 'NO_CANDIDACY';
  constructor(
    readonly agentId: string,
    readonly evaluation: Evaluation,
  ) {
    super(`${agentId} has no open candidacy, so there is nothing to deny.`);
  }
}

/** A revocation leads to a lower tier, or suspends. */
export class NotLowerError extends GovernanceError {
  readonly code = 'NOT_LOWER';
  constructor(
    readonly agentId: string,
    { tier, toTier }: { readonly tier: Tier; readonly toTier: Tier },
  ) {
    super(
      tier === toTier
        ? `${agentId} is at ${tier} already. Name a lower tier, or suspend it.`
        : `${agentId} is at ${tier}, and ${toTier} is not lower. Name a lower tier, or suspend it where it is.`,
    );
  }
}

/** No agent of that name has recorded a run or been imported. */
export class AgentNotFoundError extends GovernanceError {
  readonly code = 'AGENT_NOT_FOUND';
  constructor(readonly agentId: string) {
    super(`There is no agent ${agentId}. An agent is registered by its first run.`);
  }
}

/** What is wrong with one part of an input. */
export interface ValidationIssue {
  readonly path: string;
  readonly message: string;
}

/** The input is malformed; nothing was done. */
export class ValidationError extends GovernanceError {
  readonly code = 'VALIDATION';
  constructor(readonly issues: readonly ValidationIssue[]) {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join('; '));
  }
}

/** The idempotency key has been spent on another input. */
export class IdempotencyConflictError extends GovernanceError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
}

/** The agent has another run of this id; `existing` is its `seq`. */
export class RunConflictError extends GovernanceError {
  readonly code = 'RUN_CONFLICT';
  constructor(
    readonly agentId: string,
    readonly runId: string,
    readonly existing: number,
  ) {
    super(
      `${agentId} has a run ${runId} with other content. Send what was sent first, or use another runId.`,
    );
  }
}

/** The agent is owned by somebody else. */
export class OwnerConflictError extends GovernanceError {
  readonly code = 'OWNER_CONFLICT';
  constructor(readonly agentId: string) {
    super(`${agentId} has another owner. Leave owner out; an admin can change it.`);
  }
}

/** A time lies more than five minutes ahead of the server's. */
export class TimeInFutureError extends GovernanceError {
  readonly code = 'TIME_IN_FUTURE';
  constructor(
    readonly path: string,
    readonly serverTime: number,
  ) {
    super(
      `${path} is more than 5 minutes ahead of the server's time, ${new Date(serverTime).toISOString()}. Check the clock that made it.`,
    );
  }
}
