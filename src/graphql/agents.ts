import type { GraphQLResolveInfo } from 'graphql';
import type { Agent, Prisma } from '../generated/prisma/client.ts';
import { AgentFilterInput, agentWhere, type AgentFilter } from './agent-filter.ts';
import { agentCursor, AgentOrderInput, stretchesOf, type AgentOrder } from './agent-order.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { connectionType, nodesQuery, PAGE_ARGS, pageCost, pageOf, pageSize, type Page } from './paging.ts';

const AgentConnection = connectionType('Agent', AgentType, 'agents');

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
  only: Prisma.AgentWhereInput = {},
): Promise<Page<Agent>> {
  const { prisma } = context;
  const order: AgentOrder = orderBy ?? { field: 'AGENT_ID', direction: 'ASC' };
  const where = { AND: [await agentWhere(context, filter), only] };
  const take = pageSize(first);
  const query = nodesQuery(context, info);
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
  return pageOf(rows, { first: take, after, cursorOf, totalCount: () => prisma.agent.count({ where }) });
}

builder.queryFields((t) => ({
  agents: t.field({
    type: AgentConnection,
    description: 'The agents that the caller may see.',
    args: {
      filter: t.arg({ type: AgentFilterInput, description: 'Which of them; those in service by default.' }),
      orderBy: t.arg({ type: AgentOrderInput, description: 'Their order; by name by default.' }),
      ...PAGE_ARGS,
    },
    complexity: pageCost,
    resolve: (_root, args, context, info) => agentsPage(args, context, info),
  }),
  eligibleAgents: t.field({
    type: AgentConnection,
    description:
      'The agents that have earned the next tier, ELIGIBLE or PENDING_REVIEW, longest waiting first.',
    args: {
      filter: t.arg({ type: AgentFilterInput, description: 'Which of them.' }),
      orderBy: t.arg({
        type: AgentOrderInput,
        defaultValue: { field: 'ELIGIBLE_SINCE', direction: 'ASC' },
        description: 'Their order.',
      }),
      ...PAGE_ARGS,
    },
    complexity: pageCost,
    resolve: (_root, args, context, info) =>
      agentsPage(args, context, info, { eligibleSince: { not: null } }),
  }),
}));
