import { badInput } from './bad-input.ts';
import { builder } from './builder.ts';
import type { Activity } from './activities.ts';
import { DAY } from '../governance/facts.ts';
import { TierEnum } from './enums.ts';
import { EvaluationType, RequirementType } from './evaluation.ts';
import { sees, sightOf } from '../governance/principals/principal.ts';
import { erasedId } from '../governance/principals/principal-key.ts';
import { PRICES, listOf } from './prices.ts';

export const RunCountersType = builder
  .objectRef<{
    readonly totalRuns: number;
    readonly compliantRuns: number;
    readonly consecutiveCompliantRuns: number;
  }>('RunCounters')
  .implement({
    description: 'Lifetime counts of runs; a promotion does not reset them.',
    fields: (t) => ({
      totalRuns: t.exposeInt('totalRuns', { description: 'All runs.' }),
      compliantRuns: t.exposeInt('compliantRuns', { description: 'Runs without a violation.' }),
      consecutiveCompliantRuns: t.exposeInt('consecutiveCompliantRuns', {
        description: 'The present streak of runs without a violation.',
      }),
    }),
  });

/** Actions are counted day by day; a number of days that is no such number is refused later. */
function activityCost(days: number | null | undefined): number {
  const asked = typeof days === 'number' && Number.isFinite(days) ? days : 30;
  return PRICES.activity + Math.min(Math.max(asked, 0), 90) * PRICES.activityDay;
}

const ActivityType = builder.objectRef<Activity>('Activity').implement({
  description: 'What an agent did in a number of days.',
  fields: (t) => ({
    totalActions: t.exposeInt('totalActions', { description: 'All actions.' }),
    successfulActions: t.exposeInt('successfulActions', { description: 'Actions that worked.' }),
    successfulExecutions: t.exposeInt('successfulExecutions', {
      description: 'Actions with decision EXECUTE that worked.',
    }),
    actionTypes: t.field({
      complexity: listOf('actionTypes'),
      type: ['String'],
      description: 'The types of action, in alphabetical order.',
      resolve: (activity) => activity.actionTypes,
    }),
    violations: t.exposeInt('violations', { description: 'Violations, of any severity.' }),
  }),
});

export const AgentType = builder.prismaNode('Agent', {
  id: { field: 'agentId', description: 'Global id.' },
  description: 'An autonomous worker that earns its privileges.',
  // Beside its name, an agent is read as far as it is asked for: of 22 columns most answers show a few.
  select: { agentId: true },
  fields: (t) => ({
    agentId: t.exposeString('agentId', { description: 'Its name.' }),
    owner: t.string({
      complexity: PRICES.item,
      nullable: true,
      description:
        'The principal id of its owner, who can’t approve it; null if it has none. Of an erased person, what the ledger keeps instead.',
      select: { owner: { select: { id: true, key: true } } },
      resolve: ({ owner }) => (owner === null ? null : (owner.id ?? erasedId(owner.key))),
    }),
    tier: t.expose('tier', { type: TierEnum, description: 'Its present tier.' }),
    tierSince: t.expose('tierSince', { type: 'DateTime', description: 'When it entered its tier.' }),
    suspended: t.exposeBoolean('suspended', { description: 'Whether it is suspended.' }),
    registeredAt: t.expose('registeredAt', { type: 'DateTime', description: 'When its record begins.' }),
    lastActiveAt: t.expose('lastActiveAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The end of its latest run; null if it is not known.',
    }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was retired; null if it is in service.',
    }),
    eligibleSince: t.expose('eligibleSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When its open candidacy opened; null if it has none.',
    }),
    counters: t.field({
      type: RunCountersType,
      description: 'Its runs in numbers.',
      select: { totalRuns: true, compliantRuns: true, consecutiveRuns: true },
      resolve: ({ totalRuns, compliantRuns, consecutiveRuns }) => ({
        totalRuns,
        compliantRuns,
        consecutiveCompliantRuns: consecutiveRuns,
      }),
    }),
    evaluation: t.field({
      type: EvaluationType,
      description: 'Whether it has earned the next tier, under the policy in force.',
      args: {
        asOf: t.arg({
          type: 'DateTime',
          description:
            'The instant to answer for; now by default. The past uses what was recorded by then, the future answers for the case that nothing else happens.',
        }),
      },
      complexity: PRICES.evaluation,
      resolve: ({ agentId }, { asOf }, { load }) => load.evaluation.load({ agentId, asOf: asOf ?? null }),
    }),
    requirements: t.field({
      type: [RequirementType],
      description: 'Every condition of its next step, measured now.',
      complexity: listOf('requirements', PRICES.evaluation),
      resolve: async ({ agentId }, _args, { load }) =>
        (await load.evaluation.load({ agentId, asOf: null })).requirements,
    }),
    activity: t.field({
      type: ActivityType,
      description: 'What it did in the days before an instant.',
      args: {
        days: t.arg.int({ defaultValue: 30, description: 'How many days: 1 to 90.' }),
        asOf: t.arg({ type: 'DateTime', description: 'The instant they end at; now by default.' }),
      },
      complexity: ({ days }) => activityCost(days),
      resolve: ({ agentId }, { days: asked, asOf }, { load, now }) => {
        const days = asked ?? 30;
        if (days < 1 || days > 90) throw badInput(`days is ${days}; ask for 1 to 90.`);
        const end = asOf ?? now;
        return load.activity.load({ agentId, since: end - days * DAY, asOf: end });
      },
    }),
  }),
});

builder.queryFields((t) => ({
  agent: t.prismaField({
    type: AgentType,
    complexity: PRICES.statement,
    nullable: true,
    description: 'An agent by its name; null if there is none that the caller may see.',
    args: { agentId: t.arg.string({ required: true, description: 'Its name.' }) },
    resolve: (query, _root, { agentId }, { prisma, principal }) =>
      sees(sightOf(principal), agentId) ? prisma.agent.findUnique({ ...query, where: { agentId } }) : null,
  }),
}));
