import { canonicalText } from './digest.ts';
import type { TextReference, Verdict } from './entries.ts';
import { evaluate } from '../evaluation.ts';
import type { Facts } from '../facts.ts';
import type { Policy } from '../policy.ts';

/** What a decision stood on: its facts, its policy, and what came of them. */
export function verdictOf(
  facts: Facts,
  answer: { readonly policy: string; readonly status: Verdict['status']; readonly evidence: string },
): Verdict {
  return { policy: answer.policy, facts, status: answer.status, evidence: answer.evidence };
}

/** Whether the facts of a verdict under its policy give the very same verdict again, byte for byte. */
export function provesItself(policy: Policy, verdict: Verdict): boolean {
  const { facts, status, evidence } = verdict;
  const again = verdictOf(facts, evaluate(policy, facts));
  return canonicalText(again) === canonicalText({ policy: verdict.policy, facts, status, evidence });
}

/** The texts that a payload of any type refers to. */
export function textsOf(payload: object): readonly TextReference[] {
  const parts = Object.values(payload) as readonly unknown[];
  return parts.flatMap((part) => {
    if (isTextReference(part)) return [part];
    return isObject(part) && 'rationale' in part && isTextReference(part.rationale) ? [part.rationale] : [];
  });
}

function isTextReference(value: unknown): value is TextReference {
  return isObject(value) && typeof value.id === 'string' && typeof value.digest === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
