import type { Candidacy, Prisma, Run, Violation } from '../generated/prisma/client.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { CandidacyType } from './candidacy.ts';
import {
  connectionType,
  invalidCursor,
  nodesQuery,
  PAGE_ARGS,
  pageCost,
  pageOf,
  pageSize,
  readPosition,
  writePosition,
} from './paging.ts';
import { PRICES } from './prices.ts';
import { RunType, ViolationType } from './run.ts';

const RunConnection = connectionType<Run>('Run', RunType, 'runs');
const ViolationConnection = connectionType<Violation>('Violation', ViolationType, 'violations');
const CandidacyConnection = connectionType<Candidacy>('Candidacy', CandidacyType, 'candidacies');

const RunFilterInput = builder.inputType('RunFilter', {
  description: 'Which runs: every condition that is given must hold.',
  fields: (t) => ({
    compliant: t.boolean({ description: 'Whether compliant.' }),
    actionType: t.string({ description: 'With an action of this type.' }),
    from: t.field({ type: 'DateTime', description: 'Started at this instant or later.' }),
    to: t.field({ type: 'DateTime', description: 'Started at this instant or earlier.' }),
  }),
});

interface Asked {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** Reads rows newest first, by `seq`: `name` is what cursors of this list begin with. */
async function newestFirst<Row extends { readonly seq: bigint }>(
  name: string,
  { first, after }: Asked,
  read: {
    readonly rows: (where: { seq?: { lt: bigint } }, take: number) => Promise<readonly Row[]>;
    readonly count: () => Promise<number>;
  },
) {
  const take = pageSize(first);
  const before = after == null ? null : seqIn(after, name);
  const rows = await read.rows(before === null ? {} : { seq: { lt: BigInt(before) } }, take + 1);
  const cursorOf = (row: Row) => writePosition([name, Number(row.seq)]);
  return pageOf(rows, { first: take, after, cursorOf, totalCount: read.count });
}

function seqIn(cursor: string, name: string): number {
  const [seq] = readPosition(cursor, name, 1);
  if (typeof seq === 'number' && Number.isSafeInteger(seq)) return seq;
  throw invalidCursor('The cursor was not given by this list.');
}

builder.prismaObjectFields(AgentType, (t) => ({
  runs: t.field({
    type: RunConnection,
    description: 'Its runs, the newest record first.',
    args: { filter: t.arg({ type: RunFilterInput, description: 'Which of them.' }), ...PAGE_ARGS },
    complexity: pageCost,
    resolve: ({ agentId }, { filter, ...asked }, context, info) => {
      const { prisma } = context;
      const { compliant, actionType, from, to } = filter ?? {};
      const where: Prisma.RunWhereInput = {
        agentId,
        ...(compliant == null ? {} : { compliant }),
        startedAt: { ...(from == null ? {} : { gte: from }), ...(to == null ? {} : { lte: to }) },
        ...(actionType == null ? {} : { entry: { actions: { some: { type: actionType } } } }),
      };
      const query = nodesQuery(context, info);
      return newestFirst<Run>('runs', asked, {
        rows: (after, take) =>
          prisma.run.findMany({ ...query, where: { AND: [where, after] }, orderBy: { seq: 'desc' }, take }),
        count: () => prisma.run.count({ where }),
      });
    },
  }),
  violations: t.field({
    type: ViolationConnection,
    description: 'Its violations, the newest record first.',
    args: {
      from: t.arg({ type: 'DateTime', description: 'Only those that occurred at this instant or later.' }),
      ...PAGE_ARGS,
    },
    complexity: pageCost,
    resolve: ({ agentId }, { from, ...asked }, context, info) => {
      const { prisma } = context;
      const where: Prisma.ViolationWhereInput = {
        agentId,
        ...(from == null ? {} : { occurredAt: { gte: from } }),
      };
      const query = nodesQuery(context, info);
      return newestFirst<Violation>('violations', asked, {
        rows: (after, take) =>
          prisma.violation.findMany({
            ...query,
            where: { AND: [where, after] },
            orderBy: { seq: 'desc' },
            take,
          }),
        count: () => prisma.violation.count({ where }),
      });
    },
  }),
  candidacies: t.field({
    type: CandidacyConnection,
    description: 'Its claims to a next tier, the newest first.',
    args: PAGE_ARGS,
    complexity: pageCost,
    resolve: ({ agentId }, asked, context, info) => {
      const { prisma } = context;
      const query = nodesQuery(context, info);
      return newestFirst<Candidacy>('candidacies', asked, {
        rows: (after, take) =>
          prisma.candidacy.findMany({
            ...query,
            where: { agentId, ...after },
            orderBy: { seq: 'desc' },
            take,
          }),
        count: () => prisma.candidacy.count({ where: { agentId } }),
      });
    },
  }),
  candidacy: t.prismaField({
    type: CandidacyType,
    nullable: true,
    complexity: PRICES.candidacy,
    description: 'Its open claim to the next tier; null if it has none.',
    resolve: (query, { agentId }, _args, { prisma }) =>
      prisma.candidacy.findFirst({ ...query, where: { agentId, state: 'OPEN' } }),
  }),
}));
