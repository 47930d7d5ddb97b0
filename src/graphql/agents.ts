import type { GraphQLResolveInfo } from 'graphql';
import type { Agent, Prisma } from '../generated/prisma/client.ts';
import { AgentFilterInput, agentWhere, type AgentFilter } from './agent-filter.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { OrderDirectionEnum } from './enums.ts';
import {
  connectionType,
  nodesQuery,
  PAGE_ARGS,
  pageCost,
  pageOf,
  pageSize,
  readPosition,
  writePosition,
  type Page,
} from './paging.ts';

/** The column of each order. */
const COLUMNS = {
  AGENT_ID: 'agentId',
  TIER: 'tier',
  ELIGIBLE_SINCE: 'eligibleSince',
  ELIGIBLE_AT: 'eligibleAt',
  LAST_ACTIVE_AT: 'lastActiveAt',
} as const satisfies Record<string, keyof Agent>;

const AgentOrderFieldEnum = builder.enumType('AgentOrderField', {
  description: 'What agents can be ordered by. Agents without a value come last; ties are broken by agentId.',
  values: {
    AGENT_ID: { description: 'By name.' },
    TIER: { description: 'By tier.' },
    ELIGIBLE_SINCE: { description: 'By how long they have been eligible.' },
    ELIGIBLE_AT: { description: 'By when they are or will be eligible with no write.' },
    LAST_ACTIVE_AT: { description: 'By the end of their latest run.' },
  } satisfies Record<keyof typeof COLUMNS, { description: string }>,
});

const AgentOrderInput = builder.inputType('AgentOrder', {
  description: 'The order of agents.',
  fields: (t) => ({
    field: t.field({ type: AgentOrderFieldEnum, required: true, description: 'By what.' }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'ASC',
      description: 'Which end comes first.',
    }),
  }),
});

const AgentConnection = connectionType('Agent', AgentType, 'agents');

interface Order {
  readonly field: keyof typeof COLUMNS;
  readonly direction: 'ASC' | 'DESC';
}

interface Asked {
  readonly filter?: AgentFilter | null | undefined;
  readonly orderBy?: Order | null | undefined;
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
  const order = orderBy ?? { field: 'AGENT_ID', direction: 'ASC' };
  const where = { AND: [await agentWhere(context, filter), only] };
  const take = pageSize(first);
  const query = nodesQuery(context, info);
  const found = await prisma.agent.findMany({
    ...query,
    where: { AND: [where, after == null ? {} : afterWhere(order, after)] },
    orderBy: orderByOf(order),
    take: take + 1,
  });
  return pageOf(found, {
    first: take,
    after,
    cursorOf: (agent) => writePosition([nameOf(order), valueOf(order, agent), agent.agentId]),
    totalCount: () => prisma.agent.count({ where }),
  });
}

function nameOf({ field, direction }: Order): string {
  return `agents ${field} ${direction}`;
}

function valueOf({ field }: Order, agent: Agent): string | number | null {
  const value = agent[COLUMNS[field]];
  return typeof value === 'bigint' ? Number(value) : value;
}

function orderByOf({ field, direction }: Order): Prisma.AgentOrderByWithRelationInput[] {
  const sort = direction === 'ASC' ? 'asc' : 'desc';
  switch (field) {
    case 'AGENT_ID':
      return [{ agentId: sort }];
    case 'TIER':
      return [{ tier: sort }, { agentId: sort }];
    default:
      return [{ [COLUMNS[field]]: { sort, nulls: 'last' } }, { agentId: sort }];
  }
}

/** Everything that comes after a position: agents without a value come last. */
function afterWhere(order: Order, cursor: string): Prisma.AgentWhereInput {
  const [value = null, agentId] = readPosition(cursor, nameOf(order), 2);
  const beyond = order.direction === 'ASC' ? 'gt' : 'lt';
  const column = COLUMNS[order.field];
  const tied = { [column]: value, agentId: { [beyond]: String(agentId) } };
  if (column === 'agentId') return { agentId: { [beyond]: String(agentId) } };
  if (value === null) return tied;
  if (column === 'tier') return { OR: [{ tier: { in: tiersBeyond(String(value), beyond) } }, tied] };
  return { OR: [{ [column]: { [beyond]: value } }, tied, { [column]: null }] };
}

function tiersBeyond(tier: string, beyond: 'gt' | 'lt') {
  return (['T0', 'T1', 'T2', 'T3', 'T4'] as const).filter((each) =>
    beyond === 'gt' ? each > tier : each < tier,
  );
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
      agentsPage(args, context, info, { status: { in: ['ELIGIBLE', 'PENDING_REVIEW'] } }),
  }),
}));
