import { missingNeeds } from '../governance/candidacy.ts';
import { stepFrom } from '../governance/policy.ts';
import { builder } from './builder.ts';
import { CandidacyStateEnum, TierEnum } from './enums.ts';
import { LedgerEntryInterface } from './entries/entry.ts';
import { policyOf } from './evaluation.ts';
import { ApprovalNeedType, PolicyStepType } from './policy.ts';
import type { Context } from './context.ts';
import type { Candidacy } from '../generated/prisma/client.ts';
import { PRICES, listOf } from './prices.ts';

async function stepOf(context: Context, { policy: digest, fromTier }: Candidacy) {
  const policy = await policyOf(context, digest);
  const step = stepFrom(policy, fromTier);
  if (step === null) throw new Error(`No step leaves ${fromTier}.`);
  return { step, policy };
}

export const CandidacyType = builder.prismaNode('Candidacy', {
  id: { field: 'seq', description: 'Global id.' },
  description:
    'An agent’s claim to the next tier: from becoming eligible to being promoted, denied, or lapsing.',
  fields: (t) => ({
    agent: t.relation('agent', {
      complexity: PRICES.row,
      description: 'Whose claim it is.',
    }),
    state: t.expose('state', {
      type: CandidacyStateEnum,
      description: 'Whether it is open, and how it ended.',
    }),
    fromTier: t.expose('fromTier', { type: TierEnum, description: 'The tier it leaves.' }),
    toTier: t.expose('toTier', { type: TierEnum, description: 'The tier it claims.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When the agent became eligible.' }),
    closedBy: t.relation('closedBy', {
      complexity: PRICES.row,
      type: LedgerEntryInterface,
      nullable: true,
      description: 'The entry that ended it; null while it is open.',
    }),
    step: t.field({
      complexity: PRICES.row,
      type: PolicyStepType,
      description: 'What the policy asks for the step.',
      resolve: (candidacy, _args, context) => stepOf(context, candidacy),
    }),
    approvals: t.relation('approvals', {
      complexity: listOf('approvals', PRICES.row),
      description: 'The votes so far, oldest first.',
      query: { orderBy: { seq: 'asc' } },
    }),
    needs: t.field({
      complexity: listOf('needs', PRICES.viewerCan),
      type: [ApprovalNeedType],
      description: 'What is still missing; nothing once it has ended.',
      resolve: async (candidacy, _args, context) => {
        if (candidacy.state !== 'OPEN') return [];
        const { step } = await stepOf(context, candidacy);
        const { promotion } = await context.load.commandCase.load(candidacy.agentId);
        return missingNeeds(
          step.needs,
          promotion.votes.filter((vote) => !vote.barred),
        );
      },
    }),
  }),
});
