import { followLedger, positionOf } from '../app/follow-ledger.ts';
import type { StoredEntry } from '../app/ports.ts';
import { writeCursor } from '../governance/cursor.ts';
import { sees, sightOf } from '../governance/principal.ts';
import { AgentFilterInput, matchesFilter, type AgentFilter } from './agent-filter.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { CandidacyType } from './candidacy.ts';
import type { Context } from './context.ts';
import { LedgerEntryInterface } from './entry.ts';
import { evaluationOf } from './entry-parts.ts';
import { EvaluationType } from './evaluation.ts';
import { LedgerFilterInput, type LedgerFilter } from './ledger.ts';

type Eligible = Extract<StoredEntry, { type: 'AGENT_BECAME_ELIGIBLE' }>;

const CURSOR = 'Where the ledger stands after this event: resume after it.';

const EligibilityEventType = builder.objectRef<Eligible>('EligibilityEvent').implement({
  description: 'An agent earned the next tier.',
  fields: (t) => ({
    cursor: t.string({ description: CURSOR, resolve: writeCursor }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    agent: t.prismaField({
      type: AgentType,
      description: 'The agent as it is now; `evaluation` says how it was then.',
      resolve: (query, { payload }, _args, { prisma }) =>
        prisma.agent.findUniqueOrThrow({ ...query, where: { agentId: payload.facts.state.agentId } }),
    }),
    evaluation: t.field({
      type: EvaluationType,
      description: 'The evaluation as it was then.',
      resolve: ({ payload }, _args, context) => evaluationOf(context, payload),
    }),
    candidacy: t.prismaField({
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
      type: LedgerEntryInterface,
      description: 'The entry.',
      resolve: (query, { seq }, _args, { prisma }) =>
        prisma.ledgerEntry.findUniqueOrThrow({ ...query, where: { seq } }),
    }),
  }),
});

/** Ends with the consumer: the wait for the doorbell is aborted when the iterator is returned. */
async function follow<Entry extends StoredEntry>(
  context: Context,
  after: string | null | undefined,
  matches: (entry: StoredEntry) => Promise<boolean> | boolean,
  types?: readonly Entry['type'][],
): Promise<AsyncIterableIterator<Entry>> {
  const stop = new AbortController();
  const seq = await positionOf(context.app.store.reader, after ?? null);
  const from = types === undefined ? { seq } : { seq, types };
  const entries = followLedger(context.app, from, stop.signal);
  const next = async (): Promise<IteratorResult<Entry>> => {
    for (;;) {
      const result = await entries.next();
      if (result.done === true) return { done: true, value: undefined };
      if (await matches(result.value)) return { done: false, value: result.value as Entry };
    }
  };
  const end = async (): Promise<IteratorResult<Entry>> => {
    stop.abort();
    await entries.return();
    return { done: true, value: undefined };
  };
  const events: AsyncIterableIterator<Entry> = {
    next,
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}

function matchesEntry(context: Context, filter: LedgerFilter) {
  const sight = sightOf(context.principal);
  return async ({ agentId, type, actorKey, at, payload }: StoredEntry): Promise<boolean> =>
    (sight === null || (agentId !== null && sees(sight, agentId))) &&
    (filter.agentId == null || (agentId !== null && filter.agentId.includes(agentId))) &&
    (filter.types == null || filter.types.includes(type)) &&
    (filter.toTier == null || ('toTier' in payload && filter.toTier.includes(payload.toTier))) &&
    (filter.from == null || at >= filter.from) &&
    (filter.to == null || at <= filter.to) &&
    (filter.actor == null || filter.actor.includes((await idOf(context, actorKey)) ?? ''));
}

/** Looked up at the event: the first thing that somebody does makes them known. */
async function idOf({ prisma }: Context, key: string): Promise<string | null> {
  return (await prisma.principal.findUnique({ where: { key } }))?.id ?? null;
}

async function matchesEligible(
  context: Context,
  filter: AgentFilter,
  { payload }: Eligible,
): Promise<boolean> {
  const { state } = payload.facts;
  const owner = filter.owner == null || payload.owner === null ? null : await idOf(context, payload.owner);
  const facts = {
    agentId: state.agentId,
    tier: state.tier,
    status: payload.status,
    suspended: state.suspended,
  };
  if (!matchesFilter(context, filter, { ...facts, owner })) return false;
  if (filter.viewerCanPromote == null) return true;
  context.renew();
  return (
    ((await context.load.promotionRefusal.load(state.agentId)).refusal === null) === filter.viewerCanPromote
  );
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
      follow<Eligible>(
        context,
        after,
        (entry) => entry.type === 'AGENT_BECAME_ELIGIBLE' && matchesEligible(context, filter ?? {}, entry),
        ['AGENT_BECAME_ELIGIBLE'],
      ),
    resolve: (entry) => entry,
  }),
  ledgerAppended: t.field({
    type: LedgerEventType,
    description: 'Each entry that is appended.',
    args: { ...AFTER, filter: t.arg({ type: LedgerFilterInput, description: 'Which entries.' }) },
    subscribe: (_root, { after, filter }, context) =>
      follow(context, after, matchesEntry(context, filter ?? {})),
    resolve: (entry) => entry,
  }),
}));
