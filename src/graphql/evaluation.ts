import { blockerMessage, recommendation } from '../governance/recommendation.ts';
import type { Blocker, Evaluation } from '../governance/evaluation.ts';
import type { Requirement } from '../governance/requirement.ts';
import type { RequirementKind } from '../governance/requirements/index.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import {
  BlockerKindEnum,
  PromotionStatusEnum,
  RequirementBoundEnum,
  RequirementKindEnum,
  TierEnum,
} from './enums.ts';
import { PolicyStepType, PolicyType } from './policy.ts';
import { PRICES, listOf } from './prices.ts';

export const RequirementType = builder.objectRef<Requirement>('Requirement').implement({
  description: 'One condition of the next step, measured.',
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
    actual: t.exposeInt('actual', { description: 'The number that was measured.' }),
    remaining: t.exposeInt('remaining', {
      description: 'What is short of `required`, or in excess of what is allowed.',
    }),
    met: t.exposeBoolean('met', { description: 'Whether it holds.' }),
    changesAt: t.expose('changesAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When `met` next changes with no write; null if never.',
    }),
    message: t.exposeString('message', { description: 'The condition, for people.' }),
  }),
});

const BlockerType = builder.objectRef<Blocker>('Blocker').implement({
  description: 'Something that stands in the way beside requirements.',
  fields: (t) => ({
    kind: t.expose('kind', { type: BlockerKindEnum, description: 'What it is.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null if it does not.',
    }),
    message: t.string({ description: 'What it means, for people.', resolve: blockerMessage }),
  }),
});

export const EvaluationType = builder.objectRef<Evaluation>('Evaluation').implement({
  description:
    'Whether an agent has earned the next tier, and why. Status, met flags and blockers are the answer; `actual` and `remaining` may drift without it.',
  fields: (t) => ({
    status: t.expose('status', { type: PromotionStatusEnum, description: 'The answer in a word.' }),
    currentTier: t.expose('currentTier', { type: TierEnum, description: 'The tier it was evaluated at.' }),
    targetTier: t.expose('targetTier', { type: TierEnum, description: 'The next tier; T4 at T4.' }),
    step: t.field({
      complexity: PRICES.row,
      type: PolicyStepType,
      nullable: true,
      description: 'What the policy asks for the step; null at T4, which no step leaves.',
      resolve: async ({ step, policy }, _args, context) =>
        step === null ? null : { step, policy: await policyOf(context, policy) },
    }),
    requirements: t.field({
      complexity: listOf('requirements'),
      type: [RequirementType],
      description: 'Every condition of the step, measured.',
      resolve: ({ requirements }) => requirements,
    }),
    met: t.field({
      complexity: listOf('requirements'),
      type: [RequirementType],
      description: 'Those that hold.',
      resolve: ({ requirements }) => requirements.filter((each) => each.met),
    }),
    missing: t.field({
      complexity: listOf('requirements'),
      type: [RequirementType],
      description: 'Those that don’t hold.',
      resolve: ({ requirements }) => requirements.filter((each) => !each.met),
    }),
    blockers: t.field({
      complexity: listOf('blockers'),
      type: [BlockerType],
      description: 'What else stands in the way.',
      resolve: ({ blockers }) => blockers,
    }),
    recommendation: t.string({ description: 'What to do next, for people.', resolve: recommendation }),
    evaluatedAt: t.expose('evaluatedAt', { type: 'DateTime', description: 'The instant it answers for.' }),
    changesAt: t.expose('changesAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The first instant after `evaluatedAt` at which the answer differs with no write; null if none.',
    }),
    eligibleAt: t.expose('eligibleAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The first instant at which the agent is eligible with no write; null if time alone won’t do.',
    }),
    evidence: t.exposeString('evidence', {
      description:
        'The digest of the answer that promoteAgent and denyPromotion can be bound to with `expectedEvidence`.',
    }),
    policy: t.field({
      type: PolicyType,
      description: 'The policy it was evaluated under.',
      resolve: ({ policy }, _args, context) => policyOf(context, policy),
    }),
  }),
});

/** A policy that something stored names. */
export async function policyOf(context: Context, digest: string) {
  const policy = await context.load.policy.load(digest);
  if (policy === null) throw new Error(`The policy ${digest} is missing.`);
  return policy;
}
