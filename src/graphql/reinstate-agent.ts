import { reinstateAgent, type AgentReinstated } from '../app/commands/reinstate-agent.ts';
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

const ReinstateAgentInput = builder.inputType('ReinstateAgentInput', {
  description: 'The end of an agent’s suspension.',
  fields: (t) => ({
    agentId: t.string(AGENT_ID),
    reason: t.string(REASON),
    idempotencyKey: t.string(IDEMPOTENCY_KEY),
  }),
});

const AgentReinstatedType = builder.objectRef<AgentReinstated>('AgentReinstated').implement({
  description: 'The agent is no longer suspended; its tier and its cool-down stay.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'reinstated' in value,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
  }),
});

builder.mutationField('reinstateAgent', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
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
