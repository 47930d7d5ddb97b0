import { promoteAgent, type PromoteOutcome } from '../app/commands/promote-agent.ts';
import {
  AgentNotFoundError,
  DuplicateApprovalError,
  ForbiddenError,
  IdempotencyConflictError,
  MaximumTierError,
  NotEligibleError,
  SelfApprovalError,
  StaleEvaluationError,
  ValidationError,
} from '../governance/errors.ts';
import { ApprovalType } from './approval.ts';
import { builder } from './builder.ts';
import { command } from './command.ts';
import { AGENT_ID, AGENT_NOW, IDEMPOTENCY_KEY } from './command-fields.ts';
import { CandidacyType } from './candidacy.ts';
import { TierEnum } from './enums.ts';
import { AgentPromotedEntryType } from './entries/entries.ts';
import './errors.ts';
import { PRICES } from './prices.ts';

const PromoteAgentInput = builder.inputType('PromoteAgentInput', {
  description: 'A vote for an agent’s promotion to its next tier.',
  fields: (t) => ({
    agentId: t.string(AGENT_ID),
    rationale: t.string({
      description: 'Why: 10 to 2,000 characters where people must review the step; it can be erased.',
    }),
    expectedTier: t.field({
      type: TierEnum,
      description:
        'Refuse unless the agent is at this tier. Without it and `expectedEvidence`: the tier on arrival.',
    }),
    expectedEvidence: t.string({ description: 'Refuse unless `evaluation.evidence` is still this.' }),
    idempotencyKey: t.string(IDEMPOTENCY_KEY),
  }),
});

type Promoted = Extract<PromoteOutcome, { kind: 'PROMOTED' }>;
type Approved = Extract<PromoteOutcome, { kind: 'APPROVED' }>;

function isKind(kind: PromoteOutcome['kind']) {
  return (value: unknown) =>
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

const AgentPromotedType = builder.objectRef<Promoted>('AgentPromoted').implement({
  description: 'The vote completed what the policy needs: the agent is one tier up.',
  isTypeOf: isKind('PROMOTED'),
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
    promotion: t.prismaField({
      type: AgentPromotedEntryType,
      description: 'The promotion in the ledger.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.ledgerEntry.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

const ApprovalRecordedType = builder.objectRef<Approved>('ApprovalRecorded').implement({
  description: 'The vote counts, and more people must approve.',
  isTypeOf: isKind('APPROVED'),
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
    candidacy: t.prismaField({
      type: CandidacyType,
      description: 'The candidacy, with what is still missing.',
      resolve: (query, { candidacy }, _args, { prisma }) =>
        prisma.candidacy.findUniqueOrThrow({ ...query, where: { seq: candidacy } }),
    }),
    approval: t.prismaField({
      type: ApprovalType,
      description: 'The vote.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.approval.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
    remaining: t.int({
      description: 'How many more approvals were needed when it was recorded.',
      resolve: ({ missing }) => missing.reduce((sum, need) => sum + need.count, 0),
    }),
  }),
});

builder.mutationField('promoteAgent', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [
      AgentPromotedType,
      ApprovalRecordedType,
      ValidationError,
      IdempotencyConflictError,
      ForbiddenError,
      AgentNotFoundError,
      MaximumTierError,
      StaleEvaluationError,
      NotEligibleError,
      SelfApprovalError,
      DuplicateApprovalError,
    ],
    union: { name: 'PromoteAgentResult', description: 'What the vote came to, or why it was refused.' },
    description:
      '“I approve, and promote if that completes what the policy needs.” For people with role reviewer or admin.',
    args: { input: t.arg({ type: PromoteAgentInput, required: true, description: 'The vote.' }) },
    resolve: (_root, { input }, context) =>
      command(context, promoteAgent, {
        ...input,
        rationale: input.rationale ?? null,
        expectedTier: input.expectedTier ?? null,
        expectedEvidence: input.expectedEvidence ?? null,
      }) as never,
  }),
);
