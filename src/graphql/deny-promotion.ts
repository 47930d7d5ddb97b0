import { denyPromotion, type PromotionDenied } from '../app/commands/deny-promotion.ts';
import {
  AgentNotFoundError,
  ForbiddenError,
  IdempotencyConflictError,
  NoCandidacyError,
  SelfApprovalError,
  StaleEvaluationError,
  ValidationError,
} from '../governance/errors.ts';
import { builder } from './builder.ts';
import { CandidacyType } from './candidacy.ts';
import { command } from './command.ts';
import { AGENT_ID, AGENT_NOW, IDEMPOTENCY_KEY } from './command-fields.ts';
import './errors.ts';
import { PRICES } from './prices.ts';

const DenyPromotionInput = builder.inputType('DenyPromotionInput', {
  description: 'A denial of an agent’s open candidacy.',
  fields: (t) => ({
    agentId: t.string(AGENT_ID),
    rationale: t.string({
      required: true,
      description:
        'Why: up to 2,000 characters, and 10 at least where people must review the step; it can be erased.',
    }),
    expectedEvidence: t.string({
      description:
        'Refuse unless `evaluation.evidence` is still this. Without it: unless the agent is at the tier it had on arrival.',
    }),
    idempotencyKey: t.string(IDEMPOTENCY_KEY),
  }),
});

const PromotionDeniedType = builder.objectRef<PromotionDenied>('PromotionDenied').implement({
  description: 'The candidacy has ended, and the step is closed for 7 days or until the tier changes.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'candidacy' in value,
  fields: (t) => ({
    agent: t.prismaField(AGENT_NOW),
    candidacy: t.prismaField({
      type: CandidacyType,
      description: 'The candidacy that was denied.',
      resolve: (query, { candidacy }, _args, { prisma }) =>
        prisma.candidacy.findUniqueOrThrow({ ...query, where: { seq: candidacy } }),
    }),
  }),
});

builder.mutationField('denyPromotion', (t) =>
  t.errorUnionField({
    complexity: PRICES.command,
    types: [
      PromotionDeniedType,
      ValidationError,
      IdempotencyConflictError,
      ForbiddenError,
      AgentNotFoundError,
      StaleEvaluationError,
      NoCandidacyError,
      SelfApprovalError,
    ],
    union: { name: 'DenyPromotionResult', description: 'What was denied, or why the denial was refused.' },
    description: 'Denies the open candidacy of an agent. For people with role reviewer or admin.',
    args: { input: t.arg({ type: DenyPromotionInput, required: true, description: 'The denial.' }) },
    resolve: (_root, { input }, context) =>
      command(context, denyPromotion, { ...input, expectedEvidence: input.expectedEvidence ?? null }),
  }),
);
