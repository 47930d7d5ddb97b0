import { LedgerFeed } from '../app/feed/ledger-feed.ts';
import type { StoredEntry } from '../app/ports/ledger.ts';
import { positionOf } from '../app/feed/position-of.ts';
import { commandRefusal } from '../governance/command-refusal.ts';
import { writeCursor } from '../governance/ledger/cursor.ts';
import type { LedgerEntryType } from '../governance/ledger/entries.ts';
import { sees, sightOf } from '../governance/principals/principal.ts';
import { AgentFilterInput, matchesFilter, type AgentFilter } from './agent-filter.ts';
import { AgentType } from './agent.ts';
import { filterOf } from './bad-input.ts';
import { builder } from './builder.ts';
import { CandidacyType } from './candidacy.ts';
import type { Context } from './context.ts';
import { LedgerEntryInterface } from './entries/entry.ts';
import { evaluationOf } from './entries/entry-parts.ts';
import { EvaluationType } from './evaluation.ts';
import { LedgerFilterInput, type LedgerFilter } from './ledger.ts';
import { PRICES } from './prices.ts';

type Eligible = Extract<StoredEntry, { type: 'AGENT_BECAME_ELIGIBLE' }>;

const CURSOR = 'Where the ledger stands after this event: resume after it.';

const EligibilityEventType = builder.objectRef<Eligible>('EligibilityEvent').implement({
  description: 'An agent earned the next tier.',
  fields: (t) => ({
    cursor: t.string({ description: CURSOR, resolve: writeCursor }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    agent: t.prismaField({
      complexity: PRICES.row,
      type: AgentType,
      description: 'The agent as it is now; `evaluation` says how it was then.',
      resolve: (query, { payload }, _args, { prisma }) =>
        prisma.agent.findUniqueOrThrow({ ...query, where: { agentId: payload.facts.state.agentId } }),
    }),
    evaluation: t.field({
      complexity: PRICES.pastEvaluation,
      type: EvaluationType,
      description: 'The evaluation as it was then.',
      resolve: ({ payload }, _args, context) => evaluationOf(context, payload),
    }),
    candidacy: t.prismaField({
      complexity: PRICES.row,
      type: CandidacyType,
      description: 'The candidacy that opened.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.candidacy.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

const LedgerEventType = builder.objectRef<StoredEntry>('LedgerEvent').implement({
  description: 'Something happened.',
  fields: (t) => ({
    cursor: t.string({ description: CURSOR, resolve: writeCursor }),
    entry: t.prismaField({
      complexity: PRICES.row,
      type: LedgerEntryInterface,
      description: 'The entry.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.ledgerEntry.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

interface Asked<Filter extends object> {
  readonly after: string | null | undefined;
  readonly filter: Filter | null | undefined;
  readonly type?: LedgerEntryType;
  readonly matches: (context: Context, filter: Filter, entry: StoredEntry) => Promise<boolean> | boolean;
}

async function feed<Filter extends object>(
  context: Context,
  { after, filter, type, matches }: Asked<Filter>,
): Promise<LedgerFeed<Context>> {
  const { app, tail, resumeAfter } = context;
  const from = await positionOf(app.store.reader, resumeAfter ?? after ?? null);
  const renewed = () => {
    context.renew();
    return context;
  };
  const wanted = filterOf(filter ?? ({} as Filter));
  return new LedgerFeed<Context>({
    tail,
    from,
    renewed,
    ...(type === undefined ? {} : { type }),
    matches: (entry, seen) => matches(seen, wanted, entry),
  });
}

async function matchesEntry(context: Context, filter: LedgerFilter, entry: StoredEntry): Promise<boolean> {
  const sight = sightOf(context.principal);
  const { agentId, type, actorKey, at, payload } = entry;
  return (
    (sight === null || (agentId !== null && sees(sight, agentId))) &&
    (filter.agentId == null || (agentId !== null && filter.agentId.includes(agentId))) &&
    (filter.types == null || filter.types.includes(type)) &&
    (filter.toTier == null || ('toTier' in payload && filter.toTier.includes(payload.toTier))) &&
    (filter.from == null || at >= filter.from) &&
    (filter.to == null || at <= filter.to) &&
    (filter.actor == null || filter.actor.includes((await idOf(context, actorKey)) ?? ''))
  );
}

/** Looked up at the event: the first thing that somebody does makes them known. */
async function idOf({ prisma }: Context, key: string): Promise<string | null> {
  return (await prisma.principal.findUnique({ where: { key } }))?.id ?? null;
}

async function matchesEligible(context: Context, filter: AgentFilter, entry: StoredEntry): Promise<boolean> {
  if (entry.type !== 'AGENT_BECAME_ELIGIBLE') return false;
  const { payload } = entry;
  const { state } = payload.facts;
  const owner = filter.owner == null || payload.owner === null ? null : await idOf(context, payload.owner);
  const facts = {
    agentId: state.agentId,
    tier: state.tier,
    status: payload.status,
    suspended: state.suspended,
    retired: payload.retired ?? false,
  };
  if (!matchesFilter(context, filter, { ...facts, owner })) return false;
  if (filter.viewerCanPromote == null) return true;
  const refusal = commandRefusal('PROMOTE_AGENT', await context.load.commandCase.load(state.agentId));
  return (refusal === null) === filter.viewerCanPromote;
}

const AFTER = builder.args((t) => ({
  after: t.string({ description: 'The cursor to begin after; from now on by default.' }),
}));

builder.subscriptionFields((t) => ({
  agentBecameEligible: t.field({
    type: EligibilityEventType,
    description: 'Each agent that earns the next tier, the moment it does.',
    args: {
      ...AFTER,
      filter: t.arg({ type: AgentFilterInput, description: 'Which agents, by what they were at the event.' }),
    },
    subscribe: (_root, { after, filter }, context) =>
      feed(context, { after, filter, type: 'AGENT_BECAME_ELIGIBLE', matches: matchesEligible }),
    // The feed gives no other type.
    resolve: (entry) => entry as Eligible,
  }),
  ledgerAppended: t.field({
    type: LedgerEventType,
    description: 'Each entry that is appended.',
    args: { ...AFTER, filter: t.arg({ type: LedgerFilterInput, description: 'Which entries.' }) },
    subscribe: (_root, { after, filter }, context) => feed(context, { after, filter, matches: matchesEntry }),
    resolve: (entry) => entry,
  }),
}));
