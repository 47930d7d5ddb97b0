import { TIERS } from '../governance/tier.ts';
import type { Agent, Prisma } from '../generated/prisma/client.ts';
import { builder } from './builder.ts';
import { OrderDirectionEnum } from './enums.ts';
import { invalidCursor, readPosition, writePosition } from './paging.ts';

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

/** The order of agents, as an argument. */
export const AgentOrderInput = builder.inputType('AgentOrder', {
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

/** The order of agents. */
export interface AgentOrder {
  readonly field: keyof typeof COLUMNS;
  readonly direction: 'ASC' | 'DESC';
}

/** Part of an ordered list that one index serves: agents with a value, then agents without one. */
export interface Stretch {
  readonly where: Prisma.AgentWhereInput;
  readonly orderBy: Prisma.AgentOrderByWithRelationInput[];
}

/** The columns of an agent that its place in an order is made of. */
export function placeColumns({ field }: AgentOrder): Readonly<Record<string, true>> {
  return { agentId: true, [COLUMNS[field]]: true };
}

/** The place of an agent in an order, as a cursor. */
export function agentCursor(order: AgentOrder, agent: Agent): string {
  const value = agent[COLUMNS[order.field]];
  return writePosition([nameOf(order), typeof value === 'bigint' ? Number(value) : value, agent.agentId]);
}

/**
 * The stretches of an order, all of it or what comes after a cursor. No database sorts nulls last by an index, hence two.
 * @throws GraphQLError INVALID_CURSOR
 */
export function stretchesOf(order: AgentOrder, after: string | null | undefined): readonly Stretch[] {
  const column = COLUMNS[order.field];
  const sort = order.direction === 'ASC' ? 'asc' : 'desc';
  const byName = { agentId: sort } as const;
  const position = after == null ? null : positionOf(order, after);
  if (column === 'agentId')
    return [
      { where: position === null ? {} : { agentId: beyond(order, position.agentId) }, orderBy: [byName] },
    ];
  const valued: Stretch = {
    where:
      position?.value == null ? present(column) : following(order, { ...position, value: position.value }),
    orderBy: [{ [column]: sort }, byName],
  };
  if (column === 'tier') return [valued];
  const past = position !== null && position.value === null;
  const rest = past ? { [column]: null, agentId: beyond(order, position.agentId) } : { [column]: null };
  const unvalued: Stretch = { where: rest, orderBy: [byName] };
  return past ? [unvalued] : [valued, unvalued];
}

interface Position {
  readonly value: string | number | null;
  readonly agentId: string;
}

function nameOf({ field, direction }: AgentOrder): string {
  return `agents ${field} ${direction}`;
}

function positionOf(order: AgentOrder, cursor: string): Position {
  const [value, agentId] = readPosition(cursor, nameOf(order), 2);
  const fits =
    order.field === 'TIER' || order.field === 'AGENT_ID'
      ? typeof value === 'string' && (order.field === 'AGENT_ID' || TIERS.some((tier) => tier === value))
      : value === null || Number.isSafeInteger(value);
  if (value !== undefined && typeof agentId === 'string' && fits) return { value, agentId };
  throw invalidCursor('The cursor was not given by this list in this order.');
}

function beyond<Value>({ direction }: AgentOrder, value: Value): { gt: Value } | { lt: Value } {
  return direction === 'ASC' ? { gt: value } : { lt: value };
}

function present(column: (typeof COLUMNS)[keyof typeof COLUMNS]): Prisma.AgentWhereInput {
  return column === 'tier' ? {} : { [column]: { not: null } };
}

/** A range first, which an index serves; then what of it comes before the position is left out. */
function following(
  order: AgentOrder,
  { value, agentId }: Position & { readonly value: string | number },
): Prisma.AgentWhereInput {
  const column = COLUMNS[order.field];
  const tied = { [column]: value, agentId: beyond(order, agentId) };
  if (column === 'tier') {
    const tiers = TIERS.filter((tier) =>
      order.direction === 'ASC' ? tier > String(value) : tier < String(value),
    );
    return { OR: [{ tier: { in: tiers } }, tied] };
  }
  const range = order.direction === 'ASC' ? { gte: value } : { lte: value };
  return { AND: [{ [column]: range }, { OR: [{ [column]: beyond(order, value) }, tied] }] };
}
