import { readCursor, writeCursor } from '../governance/ledger/cursor.ts';
import type { LedgerEntry, Prisma } from '../generated/prisma/client.ts';
import { AgentType } from './agent.ts';
import { listOf } from './bad-input.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { LedgerEntryTypeEnum, OrderDirectionEnum, TierEnum } from './enums.ts';
import { LedgerEntryInterface } from './entries/entry.ts';
import {
  connectionType,
  invalidCursor,
  nodesQuery,
  PAGE_ARGS,
  pageCost,
  pageOf,
  pageSize,
} from './paging.ts';
import { sightWhere } from './sight.ts';

export const LedgerFilterInput = builder.inputType('LedgerFilter', {
  description: 'Which entries: every condition that is given must hold.',
  fields: (t) => ({
    agentId: t.stringList({ description: 'About one of these agents.' }),
    types: t.field({ type: [LedgerEntryTypeEnum], description: 'Of one of these types.' }),
    actor: t.stringList({ description: 'Caused by one of these principals.' }),
    toTier: t.field({ type: [TierEnum], description: 'Tier changes that led to one of these tiers.' }),
    from: t.field({ type: 'DateTime', description: 'Happened at this instant or later.' }),
    to: t.field({ type: 'DateTime', description: 'Happened at this instant or earlier.' }),
  }),
});

/** The filter as it arrives. */
export type LedgerFilter = typeof LedgerFilterInput.$inferInput;

const LedgerConnection = connectionType<LedgerEntry>(
  'Ledger',
  LedgerEntryInterface as never,
  'entries of the ledger',
);

/** The condition that a filter and the caller's rights amount to. */
function entryWhere(
  { principal }: Context,
  filter: LedgerFilter | null | undefined,
): Prisma.LedgerEntryWhereInput {
  const { agentId, types, actor, toTier, from, to } = filter ?? {};
  return {
    AND: [
      sightWhere(principal) ?? {},
      agentId == null ? {} : { agentId: { in: listOf(agentId, 'agentId') } },
      types == null ? {} : { type: { in: listOf(types, 'types') } },
      actor == null ? {} : { actor: { id: { in: listOf(actor, 'actor') } } },
      toTier == null ? {} : { toTier: { in: listOf(toTier, 'toTier') } },
      from == null ? {} : { at: { gte: from } },
      to == null ? {} : { at: { lte: to } },
    ],
  };
}

interface Asked {
  readonly filter?: LedgerFilter | null | undefined;
  readonly direction?: 'ASC' | 'DESC' | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

async function entriesPage(
  { filter, direction: asked, first, after }: Asked,
  context: Context,
  query: object,
  only: Prisma.LedgerEntryWhereInput = {},
) {
  const { prisma } = context;
  const direction = asked ?? 'DESC';
  const where = { AND: [entryWhere(context, filter), only] };
  const take = pageSize(first);
  const position = after == null ? null : await seqOf(context, after);
  const beyond = position === null ? {} : { seq: direction === 'DESC' ? { lt: position } : { gt: position } };
  const rows = await prisma.ledgerEntry.findMany({
    ...query,
    where: { AND: [where, beyond] },
    orderBy: { seq: direction === 'DESC' ? 'desc' : 'asc' },
    take: take + 1,
  });
  const cursorOf = ({ seq, hash }: LedgerEntry) => writeCursor({ seq: Number(seq), hash });
  return pageOf(rows, {
    first: take,
    after,
    cursorOf,
    totalCount: () => prisma.ledgerEntry.count({ where }),
  });
}

async function seqOf({ app }: Context, cursor: string): Promise<number> {
  const read = readCursor(cursor);
  if (read !== null && (await app.store.reader.hashAt(read.seq)) === read.hash) return read.seq;
  throw invalidCursor('The cursor was not given by this ledger. Start over without one.');
}

const FILTER = { type: LedgerFilterInput, description: 'Which of them.' } as const;
const DIRECTION = builder.args((t) => ({
  direction: t.field({
    type: OrderDirectionEnum,
    defaultValue: 'DESC',
    description: 'DESC: the newest first.',
  }),
}));

builder.prismaObjectField(AgentType, 'history', (t) =>
  t.field({
    type: LedgerConnection,
    description: 'Everything that the ledger says of it.',
    args: { filter: t.arg(FILTER), ...DIRECTION, ...PAGE_ARGS },
    complexity: pageCost,
    resolve: ({ agentId }, args, context, info) =>
      entriesPage(args, context, nodesQuery(context, info), { agentId }),
  }),
);

builder.queryFields((t) => ({
  cursor: t.string({
    description:
      'Where the ledger stood before this answer was read: subscribe after it and nothing is missed.',
    resolve: (_root, _args, { cursor }) => cursor,
  }),
  ledger: t.field({
    type: LedgerConnection,
    description: 'The entries that the caller may see; a caller limited to agents sees those about them.',
    args: { filter: t.arg(FILTER), ...DIRECTION, ...PAGE_ARGS },
    complexity: pageCost,
    resolve: (_root, args, context, info) => entriesPage(args, context, nodesQuery(context, info)),
  }),
  promotionHistory: t.field({
    type: LedgerConnection,
    description: 'Tier changes, the newest record first.',
    args: {
      agentId: t.arg.string({ description: 'Of one agent only.' }),
      filter: t.arg(FILTER),
      ...PAGE_ARGS,
    },
    complexity: pageCost,
    resolve: (_root, { agentId, ...args }, context, info) =>
      entriesPage(args, context, nodesQuery(context, info), {
        toTier: { not: null },
        ...(agentId == null ? {} : { agentId }),
      }),
  }),
}));
