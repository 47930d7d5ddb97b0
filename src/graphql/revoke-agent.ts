import { revokeAgent, type AgentRevoked } from '../app/commands/revoke-agent.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  NotLowerError,
  ValidationError,
} from '../governance/errors.ts';
import { AgentRevokedEntryType } from './entries/authority-entries.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { AGENT_ID, AGENT_NOW, IDEMPOTENCY_KEY, REASON } from './command-fields.ts';
import { TierEnum } from './enums.ts';
import './errors.ts';
import { PRICES } from './prices.ts';

const RevokeAgentInput = builder.inputType('RevokeAgentInput', {
  description: 'A revocation: a lower tier, a suspension, or both.',
  fields: (t) => ({
    agentId: t.string(AGENT_ID),
    toTier: t.field({
      type: TierEnum,
      description: 'A lower tier; with `suspend` also the present one, which is the default then.',
    }),
    suspend: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Suspend it until an admin reinstates it.',
    }),
    reason: t.string(REASON),
    idempotencyKey: t.string(IDEMPOTENCY_KEY),
  }),
});

const AgentRevokedType = builder.objectRef<AgentRevoked>('AgentRevoked').implement({
  description: 'The agent is lowered, suspended, or both, and cools down.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'seq' in value,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
    revocation: t.prismaField({
      type: AgentRevokedEntryType,
      description: 'The revocation in the ledger.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.ledgerEntry.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

builder.mutationField('revokeAgent', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [
      AgentRevokedType,
      ValidationError,
      IdempotencyConflictError,
      ForbiddenError,
      AgentNotFoundError,
      NotLowerError,
    ],
    union: { name: 'RevokeAgentResult', description: 'The revocation, or why it was refused.' },
    description: 'Lowers an agent’s tier, suspends it, or both, at once. For roles reviewer and admin.',
    args: { input: t.arg({ type: RevokeAgentInput, required: true, description: 'The revocation.' }) },
    resolve: (_root, { input }, context) =>
      command(context, revokeAgent, { ...input, toTier: input.toTier ?? null }),
  }),
);
