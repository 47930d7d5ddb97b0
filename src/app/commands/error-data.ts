import {
  AgentNotFoundError,
  DuplicateApprovalError,
  ForbiddenError,
  type GovernanceError,
  IdempotencyConflictError,
  MaximumTierError,
  NoCandidacyError,
  NotEligibleError,
  NotLowerError,
  OwnerConflictError,
  RunConflictError,
  SelfApprovalError,
  StaleEvaluationError,
  TimeInFutureError,
  ValidationError,
  type ErrorCode,
} from '../../governance/errors.ts';

/** A refusal as an outcome keeps it, so that a repeated command reads the same. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const CLASSES: Record<ErrorCode, { readonly prototype: GovernanceError }> = {
  AGENT_NOT_FOUND: AgentNotFoundError,
  DUPLICATE_APPROVAL: DuplicateApprovalError,
  FORBIDDEN: ForbiddenError,
  IDEMPOTENCY_CONFLICT: IdempotencyConflictError,
  MAXIMUM_TIER: MaximumTierError,
  NO_CANDIDACY: NoCandidacyError,
  NOT_ELIGIBLE: NotEligibleError,
  NOT_LOWER: NotLowerError,
  OWNER_CONFLICT: OwnerConflictError,
  RUN_CONFLICT: RunConflictError,
  SELF_APPROVAL: SelfApprovalError,
  STALE_EVALUATION: StaleEvaluationError,
  TIME_IN_FUTURE: TimeInFutureError,
  VALIDATION: ValidationError,
};

/** A refusal as data. */
export function errorData(error: GovernanceError): ErrorData {
  return { code: error.code, message: error.message, data: Object.fromEntries(Object.entries(error)) };
}

/** The refusal that was kept as data. */
export function errorOf({ code, message, data }: ErrorData): GovernanceError {
  const error = Object.create(CLASSES[code].prototype) as GovernanceError;
  return Object.assign(error, data, { message });
}
