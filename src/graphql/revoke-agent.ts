import { revokeAgent, type AgentRevoked } from '../app/revoke-agent.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  NotLowerError,
  ValidationError,
} from '../governance/errors.ts';
import { AgentType } from './agent.ts';
import { AgentRevokedEntryType } from './authority-entries.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { TierEnum } from './enums.ts';
import './errors.ts';

const RevokeAgentInput = builder.inputType('RevokeAgentInput', {
  description: 'A revocation: a lower tier, a suspension, or both.',
  fields: (t) => ({
    agentId: t.string({ required: true, description: 'Whom.' }),
    toTier: t.field({
      type: TierEnum,
      description: 'A lower tier; with `suspend` also the present one, which is the default then.',
    }),
    suspend: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Suspend it until an admin reinstates it.',
    }),
    reason: t.string({ required: true, description: 'Why: 1 to 2,000 characters; it can be erased.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Repeats the outcome for 7 days: 1 to 200 characters.',
    }),
  }),
});

const AgentRevokedType = builder.objectRef<AgentRevoked>('AgentRevoked').implement({
  description: 'The agent is lowered, suspended, or both, and cools down.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'seq' in value,
  fields: (t) => ({
    agent: t.prismaField({
      type: AgentType,
      description: 'The agent as it is now.',
      resolve: (query, { agentId }, _args, { prisma }) =>
        prisma.agent.findUniqueOrThrow({ ...query, where: { agentId } }),
    }),
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
