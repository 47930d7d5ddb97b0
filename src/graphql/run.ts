import { builder } from './builder.ts';
import { DecisionEnum, SeverityEnum } from './enums.ts';
import { DAY } from '../governance/facts.ts';
import { PRICES, listOf } from './prices.ts';

const ActionType = builder.prismaObject('Action', {
  description: 'One thing done in a run.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What was done, such as `terraform_plan`.' }),
    decision: t.expose('decision', { type: DecisionEnum, description: 'What it was meant to do.' }),
    success: t.exposeBoolean('success', { description: 'Whether it worked.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it was done.' }),
  }),
});

export const RunType = builder.prismaNode('Run', {
  id: { field: 'seq', description: 'Global id.' },
  description: 'One task that an agent carried out.',
  fields: (t) => ({
    agentId: t.exposeString('agentId', { description: 'Whose run it is.' }),
    runId: t.exposeString('runId', { description: 'The runner’s own id; unique per agent.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', description: 'When it ended.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was recorded.' }),
    recordedBy: t.relation('recordedBy', {
      complexity: PRICES.row,
      description: 'Who recorded it; they can’t approve this agent.',
    }),
    compliant: t.exposeBoolean('compliant', {
      description: 'Whether it has no violation, as far as is known now.',
    }),
    actions: t.field({
      type: [ActionType],
      description: 'What was done, in order.',
      complexity: listOf('actions', PRICES.row),
      resolve: ({ seq }, _args, { load }) => load.actions.load(seq),
    }),
    violations: t.relation('violations', {
      complexity: listOf('violationsOfRun', PRICES.row),
      description: 'What was violated in it, the oldest record first.',
      query: { orderBy: { seq: 'asc' } },
    }),
  }),
});

export const ViolationType = builder.prismaNode('Violation', {
  id: { field: 'seq', description: 'Global id.' },
  description: 'A broken rule, part of a run or reported later.',
  fields: (t) => ({
    agentId: t.exposeString('agentId', { description: 'Who broke it.' }),
    run: t.relation('run', { nullable: true, description: 'The run it is part of; null if it names none.' }),
    type: t.exposeString('type', { description: 'Which rule, such as `scope`.' }),
    severity: t.expose('severity', { type: SeverityEnum, description: 'How bad it is.' }),
    description: t.string({
      nullable: true,
      description: 'What happened; null if nothing was said, or once it is erased.',
      select: { description: true },
      resolve: ({ description }) => description?.body ?? null,
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When.' }),
    countsUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The last instant at which it is in the window of the policy in force, which begins with its report or its occurrence, whichever is later; null when that is past.',
      resolve: ({ occurredAt, recordedAt }, _args, { policy, now }) => {
        const until = Math.max(Number(occurredAt), Number(recordedAt)) + policy.windowDays * DAY;
        return until < now ? null : until;
      },
    }),
  }),
});
