import { updateAgent, type AgentUpdated } from '../app/commands/update-agent.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  ValidationError,
} from '../governance/errors.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { AGENT_ID, AGENT_NOW, IDEMPOTENCY_KEY, REASON } from './command-fields.ts';
import './errors.ts';
import { PRICES } from './prices.ts';

const UpdateAgentInput = builder.inputType('UpdateAgentInput', {
  description: 'What becomes of an agent; what is left out, or null, stays.',
  fields: (t) => ({
    agentId: t.string(AGENT_ID),
    owner: t.string({
      description:
        'The principal id of its new owner: up to 200 characters. Who owned it before can’t decide on its present claim.',
    }),
    retired: t.boolean({
      description: 'True retires it: lists leave it out by default. False takes it back into service.',
    }),
    reason: t.string(REASON),
    idempotencyKey: t.string(IDEMPOTENCY_KEY),
  }),
});

const AgentUpdatedType = builder.objectRef<AgentUpdated>('AgentUpdated').implement({
  description: 'The agent is as it was asked to be.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'updated' in value,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
  }),
});

builder.mutationField('updateAgent', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [AgentUpdatedType, ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError],
    union: { name: 'UpdateAgentResult', description: 'The agent, or why it stays as it was.' },
    description:
      'Gives an agent to another owner, retires it, or takes it back into service. For people and services with role admin.',
    args: { input: t.arg({ type: UpdateAgentInput, required: true, description: 'What becomes of it.' }) },
    resolve: (_root, { input }, context) =>
      command(context, updateAgent, { ...input, owner: input.owner ?? null, retired: input.retired ?? null }),
  }),
);
