import {
  AgentNotFoundError,
  DuplicateApprovalError,
  ForbiddenError,
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
  type ValidationIssue,
} from '../governance/errors.ts';
import type { Role } from '../governance/principals/principal.ts';
import { ApprovalType } from './approval.ts';
import { builder } from './builder.ts';
import { AGENT_NOW } from './command-fields.ts';
import { RoleEnum } from './enums.ts';
import { EvaluationType } from './evaluation.ts';
import { RunType } from './run.ts';
import { UserErrorInterface } from './user-error.ts';
import { listOf } from './prices.ts';

const interfaces = [UserErrorInterface];

builder.objectType(NotEligibleError, {
  name: 'NotEligibleError',
  description: 'A requirement is unmet, or something blocks the promotion.',
  interfaces,
  fields: (t) => ({
    evaluation: t.field({
      type: EvaluationType,
      description: 'What is missing, and when it changes.',
      resolve: (error) => error.evaluation,
    }),
  }),
});

builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: 'The caller lacks the right.',
  interfaces,
  fields: (t) => ({
    needs: t.field({
      complexity: listOf('roles'),
      type: [RoleEnum],
      description: 'The roles of which one would do; empty if no role would.',
      resolve: (error) => error.needs as readonly Role[],
    }),
  }),
});

builder.objectType(SelfApprovalError, {
  name: 'SelfApprovalError',
  description:
    'The agent itself, whoever has owned it since it became eligible, or recorded a run of it can’t approve or deny it.',
  interfaces,
});

builder.objectType(DuplicateApprovalError, {
  name: 'DuplicateApprovalError',
  description: 'The caller has approved this candidacy already.',
  interfaces,
  fields: (t) => ({
    approval: t.prismaField({
      type: ApprovalType,
      description: 'The approval that stands.',
      resolve: (query, error, _args, { prisma }) =>
        prisma.approval.findUniqueOrThrow({ ...query, where: { seq: error.approval } }),
    }),
  }),
});

builder.objectType(StaleEvaluationError, {
  name: 'StaleEvaluationError',
  description: 'The agent is no longer what the decision was made for: look again and decide anew.',
  interfaces,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
  }),
});

builder.objectType(MaximumTierError, {
  name: 'MaximumTierError',
  description: 'T4 is the highest tier.',
  interfaces,
});

builder.objectType(NoCandidacyError, {
  name: 'NoCandidacyError',
  description: 'The agent has no open candidacy that could be denied.',
  interfaces,
  fields: (t) => ({
    evaluation: t.field({
      type: EvaluationType,
      description: 'Why it has none.',
      resolve: (error) => error.evaluation,
    }),
  }),
});

builder.objectType(NotLowerError, {
  name: 'NotLowerError',
  description: 'A revocation leads to a lower tier, or suspends.',
  interfaces,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
  }),
});

builder.objectType(AgentNotFoundError, {
  name: 'AgentNotFoundError',
  description: 'There is no agent of this name that the caller may see.',
  interfaces,
  fields: (t) => ({ agentId: t.exposeString('agentId', { description: 'The name that was asked for.' }) }),
});

const ValidationIssueType = builder.objectRef<ValidationIssue>('ValidationIssue').implement({
  description: 'What is wrong with one part of an input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, such as `input.runs[3].actions[0].type`.' }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
});

builder.objectType(ValidationError, {
  name: 'ValidationError',
  description: 'The input is malformed; nothing was done.',
  interfaces,
  fields: (t) => ({
    issues: t.field({
      complexity: listOf('issues'),
      type: [ValidationIssueType],
      description: 'Everything that is wrong.',
      resolve: (error) => error.issues,
    }),
  }),
});

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description: 'The idempotency key, or the violationId, was used with other content.',
  interfaces,
});

builder.objectType(RunConflictError, {
  name: 'RunConflictError',
  description: 'The agent has a run of this id with other content.',
  interfaces,
  fields: (t) => ({
    existing: t.prismaField({
      type: RunType,
      description: 'The run that is in the ledger.',
      resolve: (query, error, _args, { prisma }) =>
        prisma.run.findUniqueOrThrow({ ...query, where: { seq: error.existing } }),
    }),
  }),
});

builder.objectType(OwnerConflictError, {
  name: 'OwnerConflictError',
  description: 'The agent has another owner.',
  interfaces,
});

builder.objectType(TimeInFutureError, {
  name: 'TimeInFutureError',
  description: 'A time is more than 5 minutes ahead of the server’s.',
  interfaces,
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Which time.' }),
    serverTime: t.expose('serverTime', {
      type: 'DateTime',
      description: 'The server’s time at the receipt.',
    }),
  }),
});

/** A refusal as an entry keeps it: what it was about may be gone. */
export const RecordedErrorType = builder
  .objectRef<{ readonly code: ErrorCode; readonly message: string }>('RecordedError')
  .implement({
    description: 'A refusal as the ledger keeps it.',
    interfaces,
    isTypeOf: (value) => typeof value === 'object' && value !== null && !(value instanceof Error),
    fields: () => ({}),
  });
