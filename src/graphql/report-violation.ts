import { reportViolation, type ViolationReported } from '../app/commands/report-violation.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  TimeInFutureError,
  ValidationError,
} from '../governance/errors.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { AGENT_NOW } from './command-fields.ts';
import { SeverityEnum } from './enums.ts';
import './errors.ts';
import { ViolationType } from './run.ts';
import { PRICES } from './prices.ts';

const ReportViolationInput = builder.inputType('ReportViolationInput', {
  description: 'A violation found after its run, or without one.',
  fields: (t) => ({
    agentId: t.string({ required: true, description: 'Who.' }),
    violationId: t.string({
      required: true,
      description:
        'The reporter’s own id, unique per agent, up to 200 characters: it makes reporting repeatable.',
    }),
    runId: t.string({ description: 'The run it is part of, which is no longer compliant then.' }),
    type: t.string({ required: true, description: 'Which rule, such as `scope`: up to 100 characters.' }),
    severity: t.field({ type: SeverityEnum, required: true, description: 'How bad it is.' }),
    description: t.string({
      description: 'What happened, for people: up to 2,000 characters; it can be erased.',
    }),
    occurredAt: t.field({ type: 'DateTime', required: true, description: 'When, however long ago.' }),
    idempotencyKey: t.string({ description: 'Repeats the outcome for 7 days: 1 to 200 characters.' }),
  }),
});

const ViolationReportedType = builder.objectRef<ViolationReported>('ViolationReported').implement({
  description: 'The violation is in the ledger: the agent’s streak has ended.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'seq' in value,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
    violation: t.prismaField({
      type: ViolationType,
      description: 'The violation.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.violation.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

builder.mutationField('reportViolation', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [
      ViolationReportedType,
      ValidationError,
      IdempotencyConflictError,
      ForbiddenError,
      AgentNotFoundError,
      TimeInFutureError,
    ],
    union: { name: 'ReportViolationResult', description: 'The violation, or why it was refused.' },
    description: 'Reports a violation found later. For roles recorder, reviewer and admin.',
    args: { input: t.arg({ type: ReportViolationInput, required: true, description: 'The violation.' }) },
    resolve: (_root, { input }, context) =>
      command(context, reportViolation, {
        ...input,
        runId: input.runId ?? null,
        description: input.description ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      }),
  }),
);
