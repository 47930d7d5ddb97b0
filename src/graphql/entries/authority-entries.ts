import { builder } from '../builder.ts';
import { CandidacyType } from '../candidacy.ts';
import { LedgerEntryInterface, payloadOf, TierChangeInterface } from './entry.ts';
import { evaluationOf, textOf } from './entry-parts.ts';
import { EvaluationType } from '../evaluation.ts';
import { PRICES } from '../prices.ts';

const REASON = 'Why, in the person’s words; null once it is erased.';

builder.prismaObject('LedgerEntry', {
  variant: 'PromotionDeniedEntry',
  description: 'Somebody denied a candidacy: the step is closed until an instant, or until the tier changes.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      nullable: true,
      description: 'The candidacy that it ended; never null here.',
      resolve: (query, row, _args, { prisma }) =>
        prisma.candidacy.findUnique({
          ...query,
          where: { seq: payloadOf(row, 'PROMOTION_DENIED').candidacy },
        }),
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      nullable: true,
      description: 'The evaluation that the denial stood on; never null here.',
      resolve: (row, _args, context) => evaluationOf(context, payloadOf(row, 'PROMOTION_DENIED')),
    }),
    rationale: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: REASON,
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'PROMOTION_DENIED').rationale),
    }),
    until: t.field({
      type: 'DateTime',
      description: 'When the step opens again.',
      resolve: (row) => payloadOf(row, 'PROMOTION_DENIED').until,
    }),
  }),
});

export const AgentRevokedEntryType = builder.prismaObject('LedgerEntry', {
  variant: 'AgentRevokedEntry',
  description: 'An agent was lowered, suspended, or both, by somebody or by a rule of the policy.',
  interfaces: [LedgerEntryInterface, TierChangeInterface],
  fields: (t) => ({
    suspended: t.boolean({
      description: 'Whether the agent is suspended after it.',
      resolve: (row) => payloadOf(row, 'AGENT_REVOKED').suspended,
    }),
    reason: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: 'Why, in the person’s words; null if a rule did it, or once it is erased.',
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'AGENT_REVOKED').reason),
    }),
    rule: t.string({
      nullable: true,
      description: 'The rule of the policy that did it; null if somebody did.',
      resolve: (row) => payloadOf(row, 'AGENT_REVOKED').rule,
    }),
    cause: t.prismaField({
      complexity: PRICES.row,
      type: LedgerEntryInterface,
      nullable: true,
      description: 'The violation that fulfilled the rule; null if somebody revoked.',
      resolve: (query, row, _args, { prisma }) => {
        const { cause } = payloadOf(row, 'AGENT_REVOKED');
        return cause === null ? null : prisma.ledgerEntry.findUnique({ ...query, where: { seq: cause } });
      },
    }),
    coolDownUntil: t.field({
      type: 'DateTime',
      description:
        'When the agent can be promoted again: the end of this cool-down, or of one that ends later.',
      resolve: (row) => payloadOf(row, 'AGENT_REVOKED').coolDownUntil,
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'AgentReinstatedEntry',
  description: 'Somebody lifted the suspension of an agent.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    reason: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: REASON,
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'AGENT_REINSTATED').reason),
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'AgentUpdatedEntry',
  description: 'An agent was given to another owner, retired, or taken back into service.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    owner: t.string({
      nullable: true,
      description: 'The principal id of its owner after it; null if it has none, or once that is erased.',
      resolve: async (row, _args, { load }) => {
        const { owner } = payloadOf(row, 'AGENT_UPDATED');
        return owner === null ? null : (await load.principal.load(owner)).id;
      },
    }),
    retired: t.boolean({
      description: 'Whether it is retired after it.',
      resolve: (row) => payloadOf(row, 'AGENT_UPDATED').retired,
    }),
    reason: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: REASON,
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'AGENT_UPDATED').reason),
    }),
  }),
});
