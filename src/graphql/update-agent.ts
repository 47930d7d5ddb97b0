import { updateAgent, type AgentUpdated } from '../app/update-agent.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  ValidationError,
} from '../governance/errors.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import './errors.ts';

const UpdateAgentInput = builder.inputType('UpdateAgentInput', {
  description: 'What becomes of an agent; what is left out, or null, stays.',
  fields: (t) => ({
    agentId: t.string({ required: true, description: 'Whom.' }),
    owner: t.string({
      description:
        'The principal id of its new owner: up to 200 characters. Who owned it before can’t decide on its present claim.',
    }),
    retired: t.boolean({
      description: 'True retires it: lists leave it out by default. False takes it back into service.',
    }),
    reason: t.string({ required: true, description: 'Why: 1 to 2,000 characters; it can be erased.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Repeats the outcome for 7 days: 1 to 200 characters.',
    }),
  }),
});

const AgentUpdatedType = builder.objectRef<AgentUpdated>('AgentUpdated').implement({
  description: 'The agent is as it was asked to be.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'updated' in value,
  fields: (t) => ({
    agent: t.prismaField({
      type: AgentType,
      description: 'The agent as it is now.',
      resolve: (query, { agentId }, _args, { prisma }) =>
        prisma.agent.findUniqueOrThrow({ ...query, where: { agentId } }),
    }),
  }),
});

builder.mutationField('updateAgent', (t) =>
  t.errorUnionField({
    types: [AgentUpdatedType, ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError],
    union: { name: 'UpdateAgentResult', description: 'The agent, or why it stays as it was.' },
    description:
      'Gives an agent to another owner, retires it, or takes it back into service. For people and services with role admin.',
    args: { input: t.arg({ type: UpdateAgentInput, required: true, description: 'What becomes of it.' }) },
    resolve: (_root, { input }, context) =>
      command(context, updateAgent, { ...input, owner: input.owner ?? null, retired: input.retired ?? null }),
  }),
);
