import type { Budget } from './budget.ts';
import { PRICES } from './prices.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';

/** An agent's window: both ends are inclusive UTC milliseconds. */
export interface ActivityAsked {
  readonly agentId: string;
  readonly since: number;
  readonly asOf: number;
}

/** What an agent did in a window. */
export interface Activity {
  readonly totalActions: number;
  readonly successfulActions: number;
  readonly successfulExecutions: number;
  readonly actionTypes: readonly string[];
  readonly violations: number;
}

/**
 * Counts the actions and violations of agents, one pair of statements for each distinct window.
 * @throws GraphQLError LIMIT_EXCEEDED for a window after those whose actions used the budget up
 */
export async function activities(
  prisma: PrismaClient,
  budget: Budget,
  asked: readonly ActivityAsked[],
): Promise<Activity[]> {
  const windows = new Map(asked.map((each) => [`${each.since} ${each.asOf}`, each]));
  const found = new Map<string, Map<string, Activity>>();
  for (const [name, { since, asOf }] of windows) {
    const agentIds = asked
      .filter((each) => each.since === since && each.asOf === asOf)
      .map((each) => each.agentId);
    budget.spend(0, 'activity');
    const each = await inWindow(prisma, agentIds, { since, asOf });
    const counted = [...each.values()].reduce((sum, { totalActions }) => sum + totalActions, 0);
    budget.spend(counted * PRICES.countedAction, 'activity');
    found.set(name, each);
  }
  return asked.map(({ agentId, since, asOf }) => found.get(`${since} ${asOf}`)?.get(agentId) ?? total([], 0));
}

async function inWindow(
  prisma: PrismaClient,
  agentIds: string[],
  { since, asOf }: Omit<ActivityAsked, 'agentId'>,
): Promise<Map<string, Activity>> {
  const [groups, violations] = await Promise.all([
    prisma.action.groupBy({
      by: ['agentId', 'type', 'decision', 'success'],
      where: { agentId: { in: agentIds }, occurredAt: { gte: since, lte: asOf }, recordedAt: { lte: asOf } },
      _count: true,
    }),
    prisma.violation.groupBy({
      by: ['agentId'],
      where: { agentId: { in: agentIds }, occurredAt: { gte: since }, recordedAt: { lte: asOf } },
      _count: true,
    }),
  ]);
  return new Map(
    agentIds.map((agentId) => {
      const own = groups.filter((group) => group.agentId === agentId);
      return [agentId, total(own, violations.find((group) => group.agentId === agentId)?._count ?? 0)];
    }),
  );
}

interface Group {
  readonly type: string;
  readonly decision: string;
  readonly success: boolean;
  readonly _count: number;
}

function total(groups: readonly Group[], violations: number): Activity {
  const count = (counts: (group: Group) => boolean) =>
    groups.filter(counts).reduce((sum, group) => sum + group._count, 0);
  return {
    totalActions: count(() => true),
    successfulActions: count((group) => group.success),
    successfulExecutions: count((group) => group.success && group.decision === 'EXECUTE'),
    actionTypes: [...new Set(groups.map((group) => group.type))].sort(),
    violations,
  };
}
