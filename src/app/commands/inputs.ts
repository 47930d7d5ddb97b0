import { z } from 'zod';
import { AGENT_ID_RULE, isAgentId } from '../../governance/agent-id.ts';
import { ValidationError, type ValidationIssue } from '../../governance/errors.ts';
import { stepFrom, type Policy } from '../../governance/policy.ts';
import { SEVERITIES } from '../../governance/severity.ts';
import { TIERS, type Tier } from '../../governance/tier.ts';

/** Half a surrogate pair has no canonical form, and functions of SQLite end a text at NUL. */
const wellFormed = z.string().regex(/^[^\p{Cs}\0]*$/u, 'is not well-formed text');
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const text = (most: number) => wellFormed.min(1, 'is empty').max(most, `is longer than ${most} characters`);
/** What nobody sees doesn't count as a reason, nor do blanks around it; like everywhere, a character is a code point. */
const trimmed = (least: number, most: number) =>
  wellFormed
    .refine(
      (value) => Array.from(value.replace(INVISIBLE, '').trim()).length >= least,
      `has fewer than ${least} characters`,
    )
    .max(most, `is longer than ${most} characters`);
const instant = z
  .int()
  .min(-62_135_596_800_000, 'is before the year 0001')
  .max(253_402_300_799_999, 'is after the year 9999');
const agentId = z.string().refine(isAgentId, AGENT_ID_RULE);
/** A principal's id, which can't have what nobody sees: it would look like another's. */
const owner = text(200)
  .regex(/^(?!\s)[^\p{Cc}\p{Cf}]*(?<!\s)$/u, 'has blanks around it, or characters that nobody sees')
  .regex(/^(?!system:|erased:)/, 'must not begin with system: or erased:');
const typeName = text(100).regex(
  /^[\x21-\x7e]+$/,
  'has characters other than printable ASCII without blanks',
);
const description = text(2_000).nullable();

/** An idempotency key: 1 to 200 characters. */
export const idempotencyKey = text(200);

const action = z.strictObject({
  type: typeName,
  decision: z.enum(['EXECUTE', 'PLAN', 'ESCALATE', 'DENY'], 'OTHER is only for imports'),
  success: z.boolean(),
  occurredAt: instant,
});

const violation = z.strictObject({
  type: typeName,
  severity: z.enum(SEVERITIES),
  description,
  occurredAt: instant,
});

/** One run to record; instants are UTC milliseconds. */
export const runInput = z
  .strictObject({
    agentId,
    runId: text(200),
    owner: owner.nullable(),
    startedAt: instant,
    finishedAt: instant,
    actions: z.array(action),
    violations: z.array(violation).max(100, 'has more than 100 violations'),
  })
  .refine((run) => run.startedAt <= run.finishedAt, { path: ['finishedAt'], message: 'is before startedAt' });

/** One run to record; instants are UTC milliseconds. */
export type RunInput = Readonly<z.infer<typeof runInput>>;

/** A violation reported after its run, or without one. */
export const reportViolationInput = z.strictObject({
  agentId,
  violationId: text(200),
  runId: text(200).nullable(),
  type: typeName,
  severity: z.enum(SEVERITIES),
  description,
  occurredAt: instant,
  idempotencyKey: idempotencyKey.nullable(),
});

/** A violation reported after its run, or without one. */
export type ReportViolationInput = Readonly<z.infer<typeof reportViolationInput>>;

/** The rationale that a review step needs. */
const reviewRationale = trimmed(10, 2_000);

/**
 * Asks for a rationale where people must review the step that leaves a tier.
 * @throws ValidationError
 */
export function requireRationale(policy: Policy, tier: Tier, rationale: string | null): void {
  if (stepFrom(policy, tier)?.manualReview) parseInput(reviewRationale, rationale ?? '', 'input.rationale');
}

/** Why somebody did something: 1 to 2,000 characters. */
export const reasonInput = trimmed(1, 2_000);
const reason = reasonInput;

const evidence = z.string().regex(/^[0-9a-f]{64}$/, 'is not evidence: send what `evaluation.evidence` gave');

/** A vote for promotion. */
export const promoteAgentInput = z.strictObject({
  agentId,
  rationale: wellFormed.max(2_000, 'is longer than 2000 characters').nullable(),
  expectedTier: z.enum(TIERS).nullable(),
  expectedEvidence: evidence.nullable(),
  idempotencyKey,
});

/** A vote for promotion. */
export type PromoteAgentInput = Readonly<z.infer<typeof promoteAgentInput>>;

/** A denial of an open candidacy. */
export const denyPromotionInput = z.strictObject({
  agentId,
  rationale: reason,
  expectedEvidence: evidence.nullable(),
  idempotencyKey,
});

/** A denial of an open candidacy. */
export type DenyPromotionInput = Readonly<z.infer<typeof denyPromotionInput>>;

/** A revocation: to a lower tier, with or without a suspension, or a suspension where the agent is. */
export const revokeAgentInput = z
  .strictObject({
    agentId,
    toTier: z.enum(TIERS).nullable(),
    suspend: z.boolean(),
    reason,
    idempotencyKey,
  })
  .refine(({ toTier, suspend }) => toTier !== null || suspend, {
    path: ['toTier'],
    message: 'is missing: name a lower tier, or suspend',
  });

/** A revocation: to a lower tier, with or without a suspension, or a suspension where the agent is. */
export type RevokeAgentInput = Readonly<z.infer<typeof revokeAgentInput>>;

/** The end of a suspension. */
export const reinstateAgentInput = z.strictObject({ agentId, reason, idempotencyKey });

/** The end of a suspension. */
export type ReinstateAgentInput = Readonly<z.infer<typeof reinstateAgentInput>>;

/** What becomes of an agent; null leaves it as it is. */
export const updateAgentInput = z
  .strictObject({
    agentId,
    owner: owner.nullable(),
    retired: z.boolean().nullable(),
    reason,
    idempotencyKey,
  })
  .refine(({ owner, retired }) => owner !== null || retired !== null, {
    message: 'changes nothing: give owner, retired or both',
  });

/** What becomes of an agent; null leaves it as it is. */
export type UpdateAgentInput = Readonly<z.infer<typeof updateAgentInput>>;

/**
 * An input that satisfies a schema.
 * @throws ValidationError with every issue and the path to it.
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, path = 'input'): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ValidationError(parsed.error.issues.map((issue) => toIssue(issue, path)));
}

function toIssue(issue: { path: PropertyKey[]; message: string }, root: string): ValidationIssue {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return { path: `${root}${path}`, message: issue.message };
}
