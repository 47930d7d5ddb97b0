import {
  permitsOf,
  stepFrom,
  stepRequirement,
  stepTarget,
  type ApprovalNeed,
  type Policy,
  type PolicyStep,
} from '../governance/policy.ts';
import type { StepRequirement } from '../governance/requirement.ts';
import type { RequirementKind } from '../governance/requirements/index.ts';
import { TIERS, type Tier } from '../governance/tier.ts';
import { builder } from './builder.ts';
import { RequirementBoundEnum, RequirementKindEnum, RoleEnum, TierEnum } from './enums.ts';
import { PRICES, listOf } from './prices.ts';

export const ApprovalNeedType = builder.objectRef<ApprovalNeed>('ApprovalNeed').implement({
  description: 'How many people of a role must approve. An admin can fill either need.',
  fields: (t) => ({
    role: t.expose('role', { type: RoleEnum, description: 'The role.' }),
    count: t.exposeInt('count', { description: 'How many distinct people.' }),
  }),
});

const StepRequirementType = builder.objectRef<StepRequirement>('StepRequirement').implement({
  description: 'One measurable condition of a step.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: '`ACTION_TYPE:terraform_plan`, else the kind; unique within its step.',
    }),
    kind: t.field({
      type: RequirementKindEnum,
      description: 'What it measures.',
      resolve: ({ kind }) => kind as RequirementKind,
    }),
    action: t.exposeString('action', {
      nullable: true,
      description: 'The action type it names; null for other kinds.',
    }),
    bound: t.expose('bound', { type: RequirementBoundEnum, description: 'How the number is judged.' }),
    required: t.exposeInt('required', { description: 'The number that is asked for, or allowed.' }),
    message: t.exposeString('message', { description: 'The condition, for people.' }),
  }),
});

export const PolicyStepType = builder
  .objectRef<{ readonly step: PolicyStep; readonly policy: Policy }>('PolicyStep')
  .implement({
    description: 'What a policy asks for one step up.',
    fields: (t) => ({
      fromTier: t.field({
        type: TierEnum,
        description: 'The tier it leaves.',
        resolve: ({ step }) => step.from,
      }),
      toTier: t.field({
        type: TierEnum,
        description: 'The tier it leads to.',
        resolve: ({ step }) => stepTarget(step),
      }),
      description: t.string({ description: 'What the step means.', resolve: ({ step }) => step.description }),
      guidance: t.stringList({
        complexity: listOf('guidance'),
        description: 'What reviewers should look at.',
        resolve: ({ step }) => step.guidance,
      }),
      manualReview: t.boolean({
        description:
          'Whether people must review it: the status is PENDING_REVIEW and approvals need a rationale.',
        resolve: ({ step }) => step.manualReview,
      }),
      requirements: t.field({
        complexity: listOf('requirements'),
        type: [StepRequirementType],
        description: 'Every condition, all of which must hold.',
        resolve: ({ step, policy }) =>
          step.requirements.map((data) => stepRequirement(data, policy.windowDays)),
      }),
      needs: t.field({
        complexity: listOf('needs'),
        type: [ApprovalNeedType],
        description: 'Who must approve, by distinct people.',
        resolve: ({ step }) => step.needs,
      }),
    }),
  });

const TierPermitsType = builder
  .objectRef<{ readonly tier: Tier; readonly policy: Policy }>('TierPermits')
  .implement({
    description: 'What a tier may execute under a policy.',
    fields: (t) => ({
      tier: t.expose('tier', { type: TierEnum, description: 'The tier.' }),
      description: t.string({
        description: 'What the tier means.',
        resolve: ({ tier, policy }) => policy.tiers[tier].description,
      }),
      permits: t.stringList({
        complexity: listOf('permits'),
        description: 'Action types, with those of the tiers below; `*` is everything.',
        resolve: ({ tier, policy }) => permitsOf(policy, tier),
      }),
    }),
  });

export const PolicyType = builder.objectRef<Policy>('Policy').implement({
  description: 'The rules that tiers are earned by. A policy never changes: another one has another digest.',
  fields: (t) => ({
    digest: t.exposeString('digest', { description: 'SHA-256 of its RFC 8785 JSON.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    windowDays: t.exposeInt('windowDays', {
      description: 'How many days back actions and violations count.',
    }),
    adoptedAt: t.field({
      complexity: PRICES.statement,
      type: 'DateTime',
      description: 'When it came into force.',
      resolve: async ({ digest }, _args, { prisma }) =>
        (await prisma.policy.findUniqueOrThrow({ where: { digest } })).adoptedAt,
    }),
    steps: t.field({
      complexity: listOf('steps'),
      type: [PolicyStepType],
      description: 'The four steps, lowest first.',
      resolve: (policy) => policy.steps.map((step) => ({ step, policy })),
    }),
    tiers: t.field({
      complexity: listOf('tiers'),
      type: [TierPermitsType],
      description: 'The five tiers, lowest first.',
      resolve: (policy) => TIERS.map((tier) => ({ tier, policy })),
    }),
  }),
});

builder.queryFields((t) => ({
  policy: t.field({
    type: PolicyType,
    nullable: true,
    description: 'A policy that is or was in force; null if there is none of that digest.',
    args: { digest: t.arg.string({ description: 'Which one; the one in force by default.' }) },
    resolve: (_root, { digest }, context) =>
      digest == null ? context.policy : context.load.policy.load(digest),
  }),
  promotionRequirements: t.field({
    complexity: listOf('steps'),
    type: [PolicyStepType],
    description: 'What the policy in force asks: for the step that leaves a tier (none for T4), or for all.',
    args: { tier: t.arg({ type: TierEnum, description: 'The tier that the step leaves.' }) },
    resolve: (_root, { tier }, { policy }) => {
      const steps = tier == null ? policy.steps : [stepFrom(policy, tier)].filter((step) => step !== null);
      return steps.map((step) => ({ step, policy }));
    },
  }),
}));
