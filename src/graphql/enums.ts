import type { COMMAND_RIGHTS, Command } from '../governance/principals/authority.ts';
import type { CandidacyState } from '../governance/candidacy.ts';
import type { ERROR_CODES, ErrorCode } from '../governance/errors.ts';
import type { LedgerEntryType } from '../governance/ledger/entries.ts';
import type { BlockerKind, PromotionStatus } from '../governance/evaluation.ts';
import type { PRINCIPAL_KINDS, PrincipalKind, Role } from '../governance/principals/principal.ts';
import type { RequirementBound } from '../governance/requirement.ts';
import { REQUIREMENT_KINDS, type RequirementKind } from '../governance/requirements/index.ts';
import type { Decision } from '../governance/run.ts';
import type { Severity } from '../governance/severity.ts';
import type { Tier } from '../governance/tier.ts';
import { builder } from './builder.ts';

/** An enum whose every value is described. */
export function described<Value extends string>(
  name: string,
  description: string,
  values: Record<Value, string>,
) {
  const entries = Object.entries<string>(values).map(([value, text]) => [
    value,
    { value, description: text },
  ]);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(entries) as Record<Value, { value: Value; description: string }>,
  });
}

export const TierEnum = described<Tier>(
  'Tier',
  'How much an agent is allowed to do. Promotion is always one step.',
  {
    T0: 'Observes.',
    T1: 'Plans and checks.',
    T2: 'Changes sandboxes.',
    T3: 'Makes bounded changes in production.',
    T4: 'Is fully trusted.',
  },
);

export const PromotionStatusEnum = described<PromotionStatus>(
  'PromotionStatus',
  'Whether an agent has earned the next tier.',
  {
    ELIGIBLE: 'Meets every requirement: the approvals that its step needs promote it.',
    NOT_ELIGIBLE: 'A requirement is unmet, or something blocks it.',
    PENDING_REVIEW: 'Meets every requirement of a step that people must review.',
    DENIED: 'People have denied the step: it is closed for 7 days, or until the tier changes.',
  },
);

export const RoleEnum = described<Role>('Role', 'What a principal may do; everybody reads.', {
  VIEWER: 'Reads.',
  RECORDER: 'Records runs and reports violations.',
  REVIEWER: 'Approves and denies promotions, revokes, and reports violations.',
  ADMIN:
    'Does what a reviewer does, gives the approvals that only an admin can give, reinstates and updates agents.',
  AUDITOR: 'Exports and verifies the ledger, and reads metrics.',
});

export const PrincipalKindEnum = described<PrincipalKind>('PrincipalKind', 'What a principal is.', {
  PERSON: 'A person: only people approve, deny and reinstate.',
  AGENT: 'An agent: it sees and records only itself.',
  SERVICE: 'A program, such as an agent runner.',
  SYSTEM: 'Tierkeeper itself, such as its clock.',
} satisfies Record<(typeof PRINCIPAL_KINDS)[number], string>);

export const SeverityEnum = described<Severity>('Severity', 'How bad a violation is.', {
  LOW: 'The least.',
  MEDIUM: 'Worse than LOW.',
  HIGH: 'Worse than MEDIUM.',
  CRITICAL: 'The worst.',
});

export const DecisionEnum = described<Decision>('Decision', 'What an action was meant to do.', {
  EXECUTE: 'To change something: an execution.',
  PLAN: 'To plan or check.',
  ESCALATE: 'To ask somebody.',
  DENY: 'To refuse.',
  OTHER: 'Something else; only in imports.',
});

export const RequirementKindEnum = described<RequirementKind>(
  'RequirementKind',
  'What a requirement measures.',
  Object.fromEntries(REQUIREMENT_KINDS.map(({ kind, description }) => [kind, description])) as Record<
    RequirementKind,
    string
  >,
);

export const RequirementBoundEnum = described<RequirementBound>(
  'RequirementBound',
  'How a number is judged.',
  {
    AT_LEAST: 'At least the required number.',
    AT_MOST: 'At most the allowed number.',
  },
);

export const BlockerKindEnum = described<BlockerKind>(
  'BlockerKind',
  'What can stand in the way of a promotion beside requirements.',
  {
    MAXIMUM_TIER: 'T4 is the highest tier.',
    SUSPENDED: 'It is suspended until an admin reinstates it.',
    REVOCATION_COOL_DOWN: 'It was revoked: 7 days ago or less by people, 14 by a rule.',
    DENIAL_COOL_DOWN: 'The step was denied 7 days ago or less.',
  },
);

export const CandidacyStateEnum = described<CandidacyState>(
  'CandidacyState',
  'Whether a claim to the next tier is open, and how it ended.',
  {
    OPEN: 'Waits for approvals.',
    PROMOTED: 'Ended with the promotion.',
    DENIED: 'Ended with a denial.',
    LAPSED: 'Ended because the agent was no longer eligible; its approvals lapsed with it.',
  },
);

export const OrderDirectionEnum = described<'ASC' | 'DESC'>('OrderDirection', 'Which end comes first.', {
  ASC: 'Smallest or oldest first.',
  DESC: 'Largest or newest first.',
});

export const RunOutcomeStatusEnum = described<'RECORDED' | 'ALREADY_RECORDED' | 'REFUSED'>(
  'RunOutcomeStatus',
  'What became of one run of a batch.',
  {
    RECORDED: 'It is in the ledger now.',
    ALREADY_RECORDED: 'The same run was in the ledger before: nothing changed.',
    REFUSED: 'It is not in the ledger; the error says why.',
  },
);

export const CommandEnum = described<Command>('Command', 'A command that changes something.', {
  RECORD_RUNS: 'recordRuns.',
  REPORT_VIOLATION: 'reportViolation.',
  PROMOTE_AGENT: 'promoteAgent.',
  DENY_PROMOTION: 'denyPromotion.',
  REVOKE_AGENT: 'revokeAgent.',
  REINSTATE_AGENT: 'reinstateAgent.',
  UPDATE_AGENT: 'updateAgent.',
} satisfies Record<keyof typeof COMMAND_RIGHTS, string>);

export const LedgerEntryTypeEnum = described<LedgerEntryType>(
  'LedgerEntryType',
  'What an entry of the ledger says.',
  {
    AGENT_REGISTERED: 'An agent recorded its first run and began at T0.',
    AGENT_IMPORTED: 'An agent was taken over from another ledger, with its tier and counters.',
    RUN_RECORDED: 'A run was recorded.',
    VIOLATION_REPORTED: 'A violation was recorded, in a run or later.',
    AGENT_BECAME_ELIGIBLE: 'An agent earned the next tier: a candidacy opened.',
    ELIGIBILITY_LOST: 'An agent no longer meets the requirements: its candidacy lapsed.',
    APPROVAL_RECORDED: 'Somebody approved a candidacy that needs more approvals.',
    PROMOTION_DENIED: 'Somebody denied a candidacy.',
    AGENT_PROMOTED: 'An agent went one tier up.',
    AGENT_REVOKED: 'An agent was lowered, suspended, or both, by somebody or by a rule of the policy.',
    AGENT_REINSTATED: 'Somebody lifted the suspension of an agent.',
    AGENT_UPDATED: 'An agent was given to another owner, retired, or taken back into service.',
    COMMAND_REFUSED: 'A command was refused by rule or for want of a right.',
    POLICY_ADOPTED: 'A policy came into force.',
    TEXT_ERASED: 'A text or a person was erased.',
    CLOCK_ACCEPTED: 'An operator accepted a wall clock that its witness contradicted.',
    VAULT_CONFIRMED: 'Vault was read back to have what the ledger says of an agent.',
    VAULT_FAILED: 'Vault refused to take what the ledger says of an agent; it is tried again.',
    VAULT_DRIFTED: 'Vault had something else than the ledger says of an agent; it is being repaired.',
  },
);

export const ErrorCodeEnum = described<ErrorCode>('ErrorCode', 'Why a command was refused.', {
  NOT_ELIGIBLE: 'A requirement is unmet, or something blocks the promotion.',
  FORBIDDEN: 'The caller lacks the right.',
  SELF_APPROVAL:
    'The agent itself, whoever has owned it since it became eligible, or recorded a run of it can’t approve or deny it.',
  DUPLICATE_APPROVAL: 'The caller has approved this candidacy already.',
  STALE_EVALUATION: 'The agent is no longer what the approval was given for.',
  MAXIMUM_TIER: 'T4 is the highest tier.',
  NO_CANDIDACY: 'The agent has no open candidacy that could be denied.',
  NOT_LOWER: 'A revocation leads to a lower tier, or suspends.',
  AGENT_NOT_FOUND: 'There is no agent of this name.',
  VALIDATION: 'The input is malformed.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key, or the violationId, was used with other content.',
  RUN_CONFLICT: 'The agent has a run of this id with other content.',
  OWNER_CONFLICT: 'The agent has another owner.',
  TIME_IN_FUTURE: 'A time is more than 5 minutes ahead of the server’s.',
} satisfies Record<(typeof ERROR_CODES)[number], string>);
