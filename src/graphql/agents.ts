import type { GraphQLResolveInfo } from 'graphql';
import type { Agent, Prisma } from '../generated/prisma/client.ts';
import { AgentFilterInput, agentWhere, type AgentFilter } from './agent-filter.ts';
import { agentCursor, AgentOrderInput, placeColumns, stretchesOf, type AgentOrder } from './agent-order.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { PromotionStatusEnum, TierEnum } from './enums.ts';
import { connectionType, nodesQuery, PAGE_ARGS, pageCost, pageOf, pageSize, type Page } from './paging.ts';
import { PRICES, listOf } from './prices.ts';

interface AgentCount {
  readonly tier: Agent['tier'];
  readonly status: Agent['status'];
  readonly count: number;
}

interface AgentPage extends Page<Agent> {
  readonly counts: () => Promise<readonly AgentCount[]>;
}

const AgentCountType = builder.objectRef<AgentCount>('AgentCount').implement({
  description: 'How many agents of a list have a tier and an answer.',
  fields: (t) => ({
    tier: t.expose('tier', { type: TierEnum, description: 'The tier.' }),
    status: t.expose('status', { type: PromotionStatusEnum, description: 'The answer.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const AgentConnection = connectionType<Agent, AgentPage, Pick<Agent, 'agentId'>>(
  'Agent',
  AgentType,
  'agents',
);

builder.objectField(AgentConnection, 'counts', (t) =>
  t.field({
    complexity: listOf('counts', PRICES.count),
    type: [AgentCountType],
    description:
      'How many there are in all by tier and answer, none where there are none; counted only when asked for.',
    resolve: ({ counts }) => counts(),
  }),
);

async function countsOf({ prisma }: Context, where: Prisma.AgentWhereInput): Promise<readonly AgentCount[]> {
  const by = ['tier', 'status'] as const;
  const groups = await prisma.agent.groupBy({
    by: [...by],
    where,
    _count: true,
    orderBy: [{ tier: 'asc' }, { status: 'asc' }],
  });
  return groups.map(({ tier, status, _count }) => ({ tier, status, count: _count }));
}

interface Asked {
  readonly filter?: AgentFilter | null | undefined;
  readonly orderBy?: AgentOrder | null | undefined;
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

async function agentsPage(
  { filter, orderBy, first, after }: Asked,
  context: Context,
  info: GraphQLResolveInfo,
  list: { readonly only: Prisma.AgentWhereInput; readonly order: AgentOrder },
): Promise<AgentPage> {
  const { prisma } = context;
  const order = orderBy ?? list.order;
  const where = { AND: [await agentWhere(context, filter), list.only] };
  const take = pageSize(first);
  const query = nodesQuery(context, info, placeColumns(order));
  const rows: Agent[] = [];
  for (const stretch of stretchesOf(order, after)) {
    if (rows.length > take) break;
    const found = await prisma.agent.findMany({
      ...query,
      where: { AND: [where, stretch.where] },
      orderBy: stretch.orderBy,
      take: take + 1 - rows.length,
    });
    rows.push(...found);
  }
  const cursorOf = (agent: Agent) => agentCursor(order, agent);
  const page = pageOf(rows, {
    first: take,
    after,
    cursorOf,
    totalCount: () => prisma.agent.count({ where }),
  });
  return { ...page, counts: () => countsOf(context, where) };
}

/** The condition of who may be promoted by the caller looks at everybody who has earned a tier, for each page anew. */
function agentsCost({ filter, first }: Asked) {
  const { field, multiplier } = pageCost({ first });
  const isDear = filter?.viewerCanPromote != null;
  return { field: field + (isDear ? PRICES.viewerCanPromoteFilter : 0), multiplier };
}

const BY_NAME: AgentOrder = { field: 'AGENT_ID', direction: 'ASC' };
const LONGEST_WAITING_FIRST: AgentOrder = { field: 'ELIGIBLE_SINCE', direction: 'ASC' };

builder.queryFields((t) => ({
  agents: t.field({
    type: AgentConnection,
    description: 'The agents that the caller may see.',
    args: {
      filter: t.arg({ type: AgentFilterInput, description: 'Which of them; those in service by default.' }),
      orderBy: t.arg({ type: AgentOrderInput, description: 'Their order; by name by default.' }),
      ...PAGE_ARGS,
    },
    complexity: agentsCost,
    resolve: (_root, args, context, info) => agentsPage(args, context, info, { only: {}, order: BY_NAME }),
  }),
  eligibleAgents: t.field({
    type: AgentConnection,
    description:
      'The agents that have earned the next tier, ELIGIBLE or PENDING_REVIEW, longest waiting first.',
    args: {
      filter: t.arg({ type: AgentFilterInput, description: 'Which of them.' }),
      orderBy: t.arg({
        type: AgentOrderInput,
        defaultValue: LONGEST_WAITING_FIRST,
        description: 'Their order.',
      }),
      ...PAGE_ARGS,
    },
    complexity: agentsCost,
    resolve: (_root, args, context, info) =>
      agentsPage(args, context, info, {
        only: { eligibleSince: { not: null } },
        order: LONGEST_WAITING_FIRST,
      }),
  }),
}));
