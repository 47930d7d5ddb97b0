import { z } from 'zod';
import { digestOf } from './ledger/digest.ts';
import { mergeNeeds, type FactsNeeded } from './facts.ts';
import type { StepRequirement } from './requirement.ts';
import { definitionOf, requirementData, type RequirementData } from './requirements/index.ts';
import { SEVERITIES } from './severity.ts';
import { nextTier, TIERS, type Tier } from './tier.ts';

/** The roles that can approve a promotion. */
export const APPROVER_ROLES = ['REVIEWER', 'ADMIN'] as const;

/** A role that can approve a promotion. */
export type ApproverRole = (typeof APPROVER_ROLES)[number];

/** Text with half a surrogate pair has no canonical form, hence no digest. */
const wellFormed = z.string().regex(/^\P{Cs}*$/u, 'is not well-formed Unicode');

const text = wellFormed.trim().min(1).max(500);

const step = z.strictObject({
  from: z.enum(['T0', 'T1', 'T2', 'T3']),
  description: text,
  guidance: z.array(text).max(20),
  manualReview: z.boolean(),
  requirements: z.array(requirementData).min(1).max(50),
  needs: z
    .array(z.strictObject({ role: z.enum(APPROVER_ROLES), count: z.int().min(1).max(20) }))
    .min(1)
    .max(APPROVER_ROLES.length),
});

const tierPermits = z.strictObject({
  description: text,
  /** Action types that the tier adds to what the tiers below it may execute; `*` is everything. */
  permits: z.array(wellFormed.min(1).max(100)).max(200),
});

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is lower case letters, digits and dashes');

const revocationRule = z.strictObject({
  name,
  severity: z.enum(SEVERITIES),
  /** So many violations revoke: one of any age, or several in the window, each of which counts once. */
  violations: z.int().min(1).max(1_000),
  lowers: z.enum(['TO_T0', 'ONE_TIER']),
  suspends: z.boolean(),
});

const fields = z.strictObject({
  name,
  windowDays: z.int().min(1).max(366),
  steps: z.array(step).length(4),
  tiers: z.strictObject({
    T0: tierPermits,
    T1: tierPermits,
    T2: tierPermits,
    T3: tierPermits,
    T4: tierPermits,
  }),
  revocation: z.array(revocationRule).max(50),
});

const policySchema = fields.superRefine((policy, context) => {
  policy.steps.forEach((each, index) => {
    const refuse = (message: string, path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path: ['steps', index, ...path] });
    if (each.from !== TIERS[index])
      refuse(`the steps stand in order: this one leaves ${String(TIERS[index])}`, ['from']);
    if (repeated(each.requirements.map(keyOf))) refuse('a requirement stands here twice', ['requirements']);
    if (repeated(each.needs.map((need) => need.role))) refuse('a role stands here twice', ['needs']);
  });
  if (repeated(policy.revocation.map((rule) => rule.name)))
    context.addIssue({ code: 'custom', message: 'a name stands here twice', path: ['revocation'] });
});

/** Policies that were adopted before there were rules of revocation have none. */
const adoptedSchema = fields.partial({ revocation: true });

function repeated(keys: readonly string[]): boolean {
  return new Set(keys).size < keys.length;
}

/** The rules that tiers are earned by: validated data, versioned by its digest. */
export type Policy = z.infer<typeof adoptedSchema> & { readonly digest: string };

/** The requirements, approval needs and guidance of one step up. */
export type PolicyStep = Policy['steps'][number];

/** What violations of a severity do to an agent by themselves. */
export type RevocationRule = z.infer<typeof revocationRule>;

/** How many people of a role must approve. */
export type ApprovalNeed = PolicyStep['needs'][number];

/** What is wrong with a policy, each issue with the path to it. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly issues: readonly { readonly path: readonly (string | number)[]; readonly message: string }[];

  constructor(issues: readonly { path: readonly PropertyKey[]; message: string }[]) {
    super(
      issues.map((issue) => `${issue.path.map(String).join('.') || 'policy'}: ${issue.message}`).join('; '),
    );
    this.issues = issues.map(({ path, message }) => ({
      path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
      message,
    }));
  }
}

/**
 * A policy from data of any shape: every field is required, unknown fields are refused.
 * @throws PolicyError with every issue.
 */
export function parsePolicy(data: unknown): Policy {
  return parsed(policySchema, data);
}

/**
 * A policy that a database has adopted, perhaps long ago.
 * @throws PolicyError with every issue.
 */
export function adoptedPolicy(data: unknown): Policy {
  return parsed(adoptedSchema, data);
}

function parsed(schema: z.ZodType<Omit<Policy, 'digest'>>, data: unknown): Policy {
  const result = schema.safeParse(data);
  if (!result.success) throw new PolicyError(result.error.issues.flatMap(withUnknownFields));
  return { ...result.data, digest: digestOf(result.data) };
}

/** An issue for each unknown field, at its own path. */
function withUnknownFields(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown field' }));
}

/** The data of a policy without its digest: what the digest is made of. */
export function policyData(policy: Policy): Omit<Policy, 'digest'> {
  const { digest: _, ...data } = policy;
  return data;
}

/** The step that leaves a tier; none leaves T4. */
export function stepFrom(policy: Policy, tier: Tier): PolicyStep | null {
  return policy.steps.find((each) => each.from === tier) ?? null;
}

/** The tier that a step leads to. */
export function stepTarget(each: PolicyStep): Tier {
  return nextTier(each.from) ?? 'T4';
}

/** `ACTION_TYPE:terraform_plan`, else the kind: what names a requirement within its step. */
export function keyOf(data: RequirementData): string {
  const action = definitionOf(data).action(data);
  return action === null ? data.kind : `${data.kind}:${action}`;
}

/** A requirement as people read it. */
export function stepRequirement(data: RequirementData, windowDays: number): StepRequirement {
  const definition = definitionOf(data);
  return {
    key: keyOf(data),
    kind: data.kind,
    action: definition.action(data),
    bound: definition.bound,
    required: definition.required(data),
    message: definition.message(data, windowDays),
  };
}

/** What must be looked up to evaluate an agent of a tier. */
export function factsNeeded(policy: Policy, tier: Tier): FactsNeeded {
  const requirements = stepFrom(policy, tier)?.requirements ?? [];
  return mergeNeeds(requirements.map((data) => definitionOf(data).needs(data)));
}

/** Whether two policies ask for different things to leave a tier. */
export function stepChanges(from: Policy, to: Policy, tier: Tier): boolean {
  const asked = (policy: Policy) => digestOf([policy.windowDays, stepFrom(policy, tier)]);
  return asked(from) !== asked(to);
}

/** The rules by which violations revoke under a policy, in its order. */
export function revocationRules(policy: Policy): readonly RevocationRule[] {
  return policy.revocation ?? [];
}

/** The action types that a tier may execute under a policy: its own and those of the tiers below. */
export function permitsOf(policy: Policy, tier: Tier): readonly string[] {
  const upTo = TIERS.slice(0, TIERS.indexOf(tier) + 1);
  const permits = new Set(upTo.flatMap((each) => policy.tiers[each].permits));
  return permits.has('*') ? ['*'] : [...permits].sort();
}
