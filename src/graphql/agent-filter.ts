import { refusalOf } from '../governance/principals/authority.ts';
import type { PromotionStatus } from '../governance/evaluation.ts';
import { sees, sightOf } from '../governance/principals/principal.ts';
import type { Tier } from '../governance/tier.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { listOf, textOf } from './bad-input.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { PromotionStatusEnum, TierEnum } from './enums.ts';
import { sightWhere } from './sight.ts';
import { PER_CALLER } from './per-caller.ts';

/** Which agents to give. */
export const AgentFilterInput = builder.inputType('AgentFilter', {
  description: 'Which agents: every condition that is given must hold.',
  fields: (t) => ({
    agentId: t.stringList({ description: 'One of these names.' }),
    search: t.string({ description: 'Part of the name.' }),
    tier: t.field({ type: [TierEnum], description: 'At one of these tiers.' }),
    status: t.field({ type: [PromotionStatusEnum], description: 'With one of these answers.' }),
    owner: t.stringList({ description: 'Owned by one of these principals.' }),
    suspended: t.boolean({ description: 'Whether suspended.' }),
    retired: t.boolean({ defaultValue: false, description: 'Whether retired; null gives both.' }),
    viewerCanPromote: t.boolean({
      description: 'Whether the caller could promote it now.',
      extensions: PER_CALLER,
    }),
  }),
});

/** The filter as it arrives. */
export type AgentFilter = typeof AgentFilterInput.$inferInput;

/** The condition that a filter and the caller's rights amount to. */
export async function agentWhere(
  context: Context,
  filter: AgentFilter | null | undefined,
): Promise<Prisma.AgentWhereInput> {
  const { agentId, search, tier, status, owner, suspended, viewerCanPromote } = filter ?? {};
  const retired = filter?.retired === undefined ? false : filter.retired;
  const conditions: (Prisma.AgentWhereInput | null)[] = [
    sightWhere(context.principal),
    agentId == null ? null : { agentId: { in: listOf(agentId, 'agentId') } },
    search == null ? null : named(textOf(search, 'search')),
    tier == null ? null : { tier: { in: listOf(tier, 'tier') } },
    status == null ? null : { status: { in: listOf(status, 'status') } },
    owner == null ? null : { owner: { id: { in: listOf(owner, 'owner') } } },
    suspended == null ? null : { suspended },
    retired === null ? null : { retiredAt: retired ? { not: null } : null },
    viewerCanPromote == null ? null : await promotable(context, viewerCanPromote),
  ];
  return { AND: conditions.filter((condition) => condition !== null) };
}

/** Agents with a text in their name: `_` and `%` stand for themselves, and no name has a NUL, at which a pattern would end. */
function named(text: string): Prisma.AgentWhereInput {
  if (text.includes('\0')) return { agentId: { in: [] } };
  return { agentId: { contains: text.replace(/[\\%_]/g, '\\$&') } };
}

/** What promoteAgent would accept, as a condition: the same rules as `commandRefusal`, which a test holds together. */
async function promotable(
  { principal, app, prisma }: Context,
  wanted: boolean,
): Promise<Prisma.AgentWhereInput> {
  if (app.witness.doubt() !== null || refusalOf(principal, 'PROMOTE_AGENT', null) !== null)
    return wanted ? { agentId: { in: [] } } : {};
  const key = (await app.store.reader.knownKeys([principal.id])).get(principal.id);
  // Looked up once: as a condition it would be looked for among all open candidacies, for every agent.
  const voted = await prisma.candidacy.findMany({
    where: { state: 'OPEN', approvals: { some: { principalKey: key ?? '' } } },
    select: { agentId: true },
  });
  const owned = await ownedWhileClaiming(prisma, key ?? '');
  const where: Prisma.AgentWhereInput = {
    status: { in: ['ELIGIBLE', 'PENDING_REVIEW'] },
    agentId: { not: principal.id, notIn: [...voted.map(({ agentId }) => agentId), ...owned] },
    ...(key === undefined
      ? {}
      : {
          AND: [{ OR: [{ ownerKey: null }, { ownerKey: { not: key } }] }],
          recorders: { none: { principalKey: key } },
        }),
  };
  return wanted ? where : { NOT: where };
}

/** The agents that somebody owned, and no longer does, while their present claim was open. */
async function ownedWhileClaiming(prisma: Context['prisma'], key: string): Promise<readonly string[]> {
  const former = await prisma.formerOwner.findMany({
    where: { principalKey: key },
    select: {
      agentId: true,
      untilSeq: true,
      agent: { select: { candidacies: { where: { state: 'OPEN' }, select: { seq: true } } } },
    },
  });
  return former
    .filter(({ untilSeq, agent }) => agent.candidacies.some(({ seq }) => seq < untilSeq))
    .map(({ agentId }) => agentId);
}

/** What an event says of an agent, as it was then. */
export interface AgentFacts {
  readonly agentId: string;
  readonly tier: Tier;
  readonly status: PromotionStatus;
  readonly suspended: boolean;
  readonly retired: boolean;
  readonly owner: string | null;
}

/** Whether an event's own facts match a filter and the caller's rights. */
export function matchesFilter(
  context: Pick<Context, 'principal'>,
  filter: AgentFilter,
  facts: AgentFacts,
): boolean {
  const among = (list: readonly string[] | null | undefined, value: string | null) =>
    list == null || (value !== null && list.includes(value));
  return (
    sees(sightOf(context.principal), facts.agentId) &&
    among(filter.agentId, facts.agentId) &&
    (filter.search == null || facts.agentId.includes(filter.search.toLowerCase())) &&
    among(filter.tier, facts.tier) &&
    among(filter.status, facts.status) &&
    among(filter.owner, facts.owner) &&
    (filter.suspended == null || filter.suspended === facts.suspended) &&
    (filter.retired === null || (filter.retired ?? false) === facts.retired)
  );
}
