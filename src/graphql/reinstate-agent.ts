import { reinstateAgent, type AgentReinstated } from '../app/reinstate-agent.ts';
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

const ReinstateAgentInput = builder.inputType('ReinstateAgentInput', {
  description: 'The end of an agent’s suspension.',
  fields: (t) => ({
    agentId: t.string({ required: true, description: 'Whom.' }),
    reason: t.string({ required: true, description: 'Why: 1 to 2,000 characters; it can be erased.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Repeats the outcome for 7 days: 1 to 200 characters.',
    }),
  }),
});

const AgentReinstatedType = builder.objectRef<AgentReinstated>('AgentReinstated').implement({
  description: 'The agent is no longer suspended; its tier and its cool-down stay.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'reinstated' in value,
  fields: (t) => ({
    agent: t.prismaField({
      type: AgentType,
      description: 'The agent as it is now.',
      resolve: (query, { agentId }, _args, { prisma }) =>
        prisma.agent.findUniqueOrThrow({ ...query, where: { agentId } }),
    }),
  }),
});

builder.mutationField('reinstateAgent', (t) =>
  t.errorUnionField({
    types: [
      AgentReinstatedType,
      ValidationError,
      IdempotencyConflictError,
      ForbiddenError,
      AgentNotFoundError,
    ],
    union: { name: 'ReinstateAgentResult', description: 'The agent, or why it stays suspended.' },
    description: 'Lifts the suspension of an agent. For people with role admin.',
    args: { input: t.arg({ type: ReinstateAgentInput, required: true, description: 'The reinstatement.' }) },
    resolve: (_root, { input }, context) => command(context, reinstateAgent, input),
  }),
);
