import { errorOf } from '../app/commands/error-data.ts';
import { recordRuns, type RunOutcome, type RunsRecorded } from '../app/commands/record-runs.ts';
import { writeCursor } from '../governance/ledger/cursor.ts';
import { ForbiddenError, IdempotencyConflictError, ValidationError } from '../governance/errors.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { DecisionEnum, RunOutcomeStatusEnum, SeverityEnum } from './enums.ts';
import './errors.ts';
import { RunType } from './run.ts';
import { shown, UserErrorInterface } from './user-error.ts';
import { PRICES, listOf } from './prices.ts';

const ActionInput = builder.inputType('ActionInput', {
  description: 'One thing done in a run.',
  fields: (t) => ({
    type: t.string({
      required: true,
      description: 'What was done, such as `terraform_plan`: up to 100 characters.',
    }),
    decision: t.field({
      type: DecisionEnum,
      required: true,
      description: 'What it was meant to do; not OTHER.',
    }),
    success: t.boolean({ required: true, description: 'Whether it worked.' }),
    occurredAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When it was done, however long ago.',
    }),
  }),
});

const ViolationInput = builder.inputType('ViolationInput', {
  description: 'A rule that was broken in a run.',
  fields: (t) => ({
    type: t.string({ required: true, description: 'Which rule, such as `scope`: up to 100 characters.' }),
    severity: t.field({ type: SeverityEnum, required: true, description: 'How bad it is.' }),
    description: t.string({
      description: 'What happened, for people: up to 2,000 characters; it can be erased.',
    }),
    occurredAt: t.field({ type: 'DateTime', required: true, description: 'When.' }),
  }),
});

const RunInput = builder.inputType('RunInput', {
  description: 'One task that an agent carried out.',
  fields: (t) => ({
    agentId: t.string({ required: true, description: 'Who; registered at T0 by its first run.' }),
    runId: t.string({
      required: true,
      description:
        'The runner’s own id, unique per agent, up to 200 characters: it makes recording repeatable.',
    }),
    owner: t.string({ description: 'The owner’s principal id; counts only on an agent’s first run.' }),
    startedAt: t.field({ type: 'DateTime', required: true, description: 'When it began.' }),
    finishedAt: t.field({ type: 'DateTime', required: true, description: 'When it ended.' }),
    actions: t.field({ type: [ActionInput], required: true, description: 'What was done, in order.' }),
    violations: t.field({
      type: [ViolationInput],
      required: true,
      defaultValue: [],
      description: 'What was violated; a run without violations is compliant.',
    }),
  }),
});

const RecordRunsInput = builder.inputType('RecordRunsInput', {
  description: 'Runs to record: 1 to 500, with at most 5,000 actions together.',
  fields: (t) => ({
    runs: t.field({
      type: [RunInput],
      required: true,
      description: 'The runs, in the order in which they count.',
    }),
    idempotencyKey: t.string({
      description:
        'Repeats the outcome for 7 days: 1 to 200 characters. runIds already make recording repeatable.',
    }),
  }),
});

const RunOutcomeType = builder.objectRef<RunOutcome>('RunOutcome').implement({
  description: 'What became of one run of a batch.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the batch, from 0 on.' }),
    agentId: t.exposeString('agentId', { description: 'Whose run it is.' }),
    runId: t.exposeString('runId', { description: 'The runner’s own id.' }),
    status: t.expose('status', { type: RunOutcomeStatusEnum, description: 'What became of it.' }),
    run: t.prismaField({
      complexity: PRICES.row,
      type: RunType,
      nullable: true,
      description: 'The run in the ledger; null if it was refused.',
      resolve: (query, outcome, _args, { prisma }) =>
        outcome.status === 'REFUSED'
          ? null
          : prisma.run.findUnique({ ...query, where: { seq: outcome.seq } }),
    }),
    error: t.field({
      type: UserErrorInterface,
      nullable: true,
      description: 'Why it was refused; null if it was not.',
      resolve: (outcome) => (outcome.status === 'REFUSED' ? shown(errorOf(outcome.error)) : null),
    }),
  }),
});

const RunsRecordedType = builder.objectRef<RunsRecorded>('RunsRecorded').implement({
  description: 'What became of a batch. Each run stands alone: one that is refused holds up no other.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'outcomes' in value,
  fields: (t) => ({
    recorded: t.int({ description: 'How many are new in the ledger.', resolve: count('RECORDED') }),
    alreadyRecorded: t.int({
      description: 'How many were there before.',
      resolve: count('ALREADY_RECORDED'),
    }),
    refused: t.int({ description: 'How many were refused.', resolve: count('REFUSED') }),
    outcomes: t.field({
      complexity: listOf('outcomes'),
      type: [RunOutcomeType],
      description: 'What became of each run, in the order of the batch.',
      resolve: ({ outcomes }) => outcomes,
    }),
    agents: t.prismaField({
      complexity: listOf('agentsOfBatch', PRICES.statement),
      type: [AgentType],
      description: 'The agents of the batch, as they are now.',
      resolve: (query, { agentIds }, _args, { prisma }) =>
        prisma.agent.findMany({
          ...query,
          where: { agentId: { in: [...agentIds] } },
          orderBy: { agentId: 'asc' },
        }),
    }),
    cursor: t.string({
      description: 'Where the ledger stands after it: wait for it, or subscribe after it.',
      resolve: ({ cursor }) => writeCursor(cursor),
    }),
  }),
});

function count(status: RunOutcome['status']) {
  return ({ outcomes }: RunsRecorded) => outcomes.filter((outcome) => outcome.status === status).length;
}

builder.mutationField('recordRuns', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [RunsRecordedType, ValidationError, IdempotencyConflictError, ForbiddenError],
    union: {
      name: 'RecordRunsResult',
      description: 'What became of a batch, or why none of it was looked at.',
    },
    description: 'Records what agents did. For role recorder; an agent records only for itself.',
    args: { input: t.arg({ type: RecordRunsInput, required: true, description: 'The runs.' }) },
    resolve: (_root, { input }, context) =>
      command(context, recordRuns, {
        idempotencyKey: input.idempotencyKey ?? null,
        runs: input.runs.map(({ owner, violations, ...run }) => ({
          ...run,
          owner: owner ?? null,
          violations: violations.map(({ description, ...rest }) => ({
            ...rest,
            description: description ?? null,
          })),
        })) as never,
      }),
  }),
);
