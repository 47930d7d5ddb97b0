import type { ErrorCode } from '../../governance/errors.ts';
import { erasedId } from '../../governance/principals/principal-key.ts';
import { RunCountersType } from '../agent.ts';
import { builder } from '../builder.ts';
import { CandidacyType } from '../candidacy.ts';
import { CommandEnum } from '../enums.ts';
import { LedgerEntryInterface, payloadOf, TierChangeInterface } from './entry.ts';
import { evaluationOf, importedApproval, textOf } from './entry-parts.ts';
import { RecordedErrorType } from '../errors.ts';
import { ApprovalType } from '../approval.ts';
import { EvaluationType, policyOf } from '../evaluation.ts';
import { PolicyType } from '../policy.ts';
import { RunType, ViolationType } from '../run.ts';
import { PRICES, listOf } from '../prices.ts';

const RATIONALE = 'Why, in the person’s words; null if nothing was said, or once it is erased.';

builder.prismaObject('LedgerEntry', {
  variant: 'AgentRegisteredEntry',
  description: 'An agent recorded its first run and began at T0.',
  interfaces: [LedgerEntryInterface, TierChangeInterface],
});

builder.prismaObject('LedgerEntry', {
  variant: 'AgentImportedEntry',
  description: 'An agent was taken over from another ledger.',
  interfaces: [LedgerEntryInterface, TierChangeInterface],
  fields: (t) => ({
    counters: t.field({
      type: RunCountersType,
      description: 'The counters it came with.',
      resolve: (row) => payloadOf(row, 'AGENT_IMPORTED').after.counters,
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'RunRecordedEntry',
  description: 'A run was recorded.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    run: t.prismaField({
      complexity: PRICES.statement,
      type: RunType,
      description: 'The run.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.run.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'ViolationReportedEntry',
  description: 'A violation was recorded, in a run or later.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    violation: t.prismaField({
      complexity: PRICES.statement,
      type: ViolationType,
      description: 'The violation.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.violation.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'AgentBecameEligibleEntry',
  description: 'An agent earned the next tier: a candidacy opened.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      nullable: true,
      description: 'The candidacy that opened; never null here.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.candidacy.findUnique({ ...query, where: { seq } }),
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      nullable: true,
      description: 'The evaluation as it was then; never null here.',
      resolve: (row, _args, context) => evaluationOf(context, payloadOf(row, 'AGENT_BECAME_ELIGIBLE')),
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'EligibilityLostEntry',
  description: 'An agent no longer meets the requirements: its candidacy lapsed.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      nullable: true,
      description: 'The candidacy that lapsed; never null here.',
      resolve: (query, row, _args, { prisma }) =>
        prisma.candidacy.findUnique({
          ...query,
          where: { seq: payloadOf(row, 'ELIGIBILITY_LOST').candidacy },
        }),
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      nullable: true,
      description: 'The evaluation as it was then; never null here.',
      resolve: (row, _args, context) => evaluationOf(context, payloadOf(row, 'ELIGIBILITY_LOST')),
    }),
    cause: t.prismaField({
      complexity: PRICES.row,
      type: LedgerEntryInterface,
      nullable: true,
      description: 'The entry that caused it; null if time alone did.',
      resolve: (query, row, _args, { prisma }) => {
        const { cause } = payloadOf(row, 'ELIGIBILITY_LOST');
        return cause === null ? null : prisma.ledgerEntry.findUnique({ ...query, where: { seq: cause } });
      },
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'ApprovalRecordedEntry',
  description: 'Somebody approved a candidacy that needs more approvals.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      nullable: true,
      description: 'The candidacy; never null here.',
      resolve: (query, row, _args, { prisma }) =>
        prisma.candidacy.findUnique({
          ...query,
          where: { seq: payloadOf(row, 'APPROVAL_RECORDED').candidacy },
        }),
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      nullable: true,
      description: 'The evaluation that the vote stood on; never null here.',
      resolve: (row, _args, context) => evaluationOf(context, payloadOf(row, 'APPROVAL_RECORDED')),
    }),
    approval: t.prismaField({
      complexity: PRICES.statement,
      type: ApprovalType,
      description: 'The vote.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.approval.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

export const AgentPromotedEntryType = builder.prismaObject('LedgerEntry', {
  variant: 'AgentPromotedEntry',
  description: 'An agent went one tier up.',
  interfaces: [LedgerEntryInterface, TierChangeInterface],
  fields: (t) => ({
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      nullable: true,
      description: 'The candidacy that it ended; null for an imported promotion.',
      resolve: (query, row, _args, { prisma }) => {
        const payload = payloadOf(row, 'AGENT_PROMOTED');
        return 'imported' in payload
          ? null
          : prisma.candidacy.findUnique({ ...query, where: { seq: payload.candidacy } });
      },
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      nullable: true,
      description: 'The evaluation that the promotion stood on; null for an imported promotion.',
      resolve: (row, _args, context) => {
        const payload = payloadOf(row, 'AGENT_PROMOTED');
        return 'imported' in payload ? null : evaluationOf(context, payload);
      },
    }),
    approvals: t.field({
      complexity: listOf('approvals', PRICES.statement),
      type: [ApprovalType],
      description: 'Everybody who approved it, oldest first.',
      resolve: (row, _args, { prisma }) => {
        const payload = payloadOf(row, 'AGENT_PROMOTED');
        if ('imported' in payload) return [importedApproval(payload.imported, row.at)];
        return prisma.approval.findMany({
          where: { candidacySeq: payload.candidacy },
          orderBy: { seq: 'asc' },
        });
      },
    }),
    rationale: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: RATIONALE,
      resolve: (row, _args, context) => {
        const payload = payloadOf(row, 'AGENT_PROMOTED');
        return textOf(context, 'imported' in payload ? payload.imported.rationale : payload.rationale);
      },
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'CommandRefusedEntry',
  description:
    'A command was refused by rule or for want of a right; at most one a minute per principal, agent and code.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    command: t.field({
      type: CommandEnum,
      description: 'What was refused.',
      resolve: (row) => payloadOf(row, 'COMMAND_REFUSED').command,
    }),
    error: t.field({
      type: RecordedErrorType,
      description: 'Why.',
      resolve: (row): { code: ErrorCode; message: string } => payloadOf(row, 'COMMAND_REFUSED'),
    }),
    rationale: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: RATIONALE,
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'COMMAND_REFUSED').rationale),
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'TextErasedEntry',
  description: 'A text or a person was blanked for good.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    erased: t.string({
      description: 'What was erased: the id of a text, or what the person is shown as since.',
      resolve: (row) => {
        const { erased, id } = payloadOf(row, 'TEXT_ERASED');
        return erased === 'PERSON' ? erasedId(id) : id;
      },
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'PolicyAdoptedEntry',
  description: 'A policy came into force.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    policy: t.field({
      type: PolicyType,
      description: 'The policy.',
      resolve: (row, _args, context) => policyOf(context, payloadOf(row, 'POLICY_ADOPTED').policy),
    }),
  }),
});
