import { NotLowerError } from './errors.ts';
import { DAY } from './facts.ts';
import { revocationRules, type Policy, type RevocationRule } from './policy.ts';
import type { Severity } from './severity.ts';
import { isBelow, previousTier, type Tier } from './tier.ts';

/** How long after a revocation no promotion is possible (design rule 3.5). */
export const COOL_DOWN_DAYS = { MANUAL: 7, AUTOMATIC: 14 } as const;

/** When the cool-down of a revocation ends that happens at an instant. */
export function coolDownEnd(kind: keyof typeof COOL_DOWN_DAYS, at: number): number {
  return at + COOL_DOWN_DAYS[kind] * DAY;
}

/**
 * The tier that somebody's revocation leads to: a lower one, or with a suspension the present one.
 * @throws NotLowerError
 */
export function decideRevocation(
  { agentId, tier }: { readonly agentId: string; readonly tier: Tier },
  asked: { readonly toTier: Tier | null; readonly suspend: boolean },
): Tier {
  const toTier = asked.toTier ?? tier;
  if (isBelow(toTier, tier) || (toTier === tier && asked.suspend)) return toTier;
  throw new NotLowerError(agentId, { tier, toTier });
}

/** The tier that a rule lowers an agent to; at T0 it stays. */
export function loweredBy({ lowers }: Pick<RevocationRule, 'lowers'>, tier: Tier): Tier {
  switch (lowers) {
    case 'TO_T0':
      return 'T0';
    case 'ONE_TIER':
      return previousTier(tier);
  }
}

/** A violation as far as rules of revocation look at it; `seq` is its entry. */
export interface RuledViolation {
  readonly seq: number;
  readonly severity: Severity;
}

/** How many violations in the window each rule that counts several has before it, by the rule's name. */
export type Unconsumed = Readonly<Record<string, number>>;

/** The rules of a policy that count several violations, of severities that are among some. */
export function countingRules(policy: Policy, severities: readonly Severity[]): readonly RevocationRule[] {
  return revocationRules(policy).filter((rule) => rule.violations > 1 && severities.includes(rule.severity));
}

/** A rule that a violation fulfils. */
export interface AutomaticRevocation {
  readonly rule: RevocationRule;
  readonly cause: number;
}

/**
 * What violations recorded at an instant come to under a policy's rules, in their order (design rule 3.5): one that revokes
 * alone does so, and of several each counts once; all count for the whole window from their report on.
 */
export function automaticRevocations(
  policy: Policy,
  violations: readonly RuledViolation[],
  before: { readonly unconsumed: Unconsumed },
): { readonly revocations: readonly AutomaticRevocation[]; readonly unconsumed: Unconsumed } {
  const counts = new Map(Object.entries(before.unconsumed));
  const fulfils = (rule: RevocationRule) => {
    if (rule.violations === 1) return true;
    const count = (counts.get(rule.name) ?? 0) + 1;
    counts.set(rule.name, count < rule.violations ? count : 0);
    return count >= rule.violations;
  };
  const revocations = violations.flatMap(({ seq, severity }) =>
    revocationRules(policy)
      .filter((rule) => rule.severity === severity && fulfils(rule))
      .map((rule) => ({ rule, cause: seq })),
  );
  return { revocations, unconsumed: Object.fromEntries(counts) };
}
