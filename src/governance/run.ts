import { digestOf, digestOfList } from './ledger/digest.ts';
import type { TextReference } from './ledger/entries.ts';
import type { Severity } from './severity.ts';

/** What an action was meant to do. OTHER is only in imports. */
export const DECISIONS = ['EXECUTE', 'PLAN', 'ESCALATE', 'DENY', 'OTHER'] as const;
/** What an action was meant to do. */
export type Decision = (typeof DECISIONS)[number];

/** One thing done in a run. */
export interface Action {
  readonly type: string;
  readonly decision: Decision;
  readonly success: boolean;
  readonly occurredAt: number;
}

/** A broken rule, as it stands in the ledger: its description is kept apart. */
export interface Violation {
  readonly type: string;
  readonly severity: Severity;
  readonly occurredAt: number;
  readonly description: TextReference | null;
}

/** A run as its entry covers it. */
export interface DigestedRun {
  readonly agentId: string;
  readonly runId: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly actions: readonly Action[];
}

/** The digest by which an entry covers actions, in their order. */
export function actionsDigest(actions: readonly Action[]): string {
  return digestOfList(digested(actions));
}

function* digested(actions: readonly Action[]) {
  for (const { type, decision, success, occurredAt } of actions) yield [type, decision, success, occurredAt];
}

/** The digest by which a RUN_RECORDED entry covers its run; each of its violations has an entry of its own. */
export function runDigest({ agentId, runId, startedAt, finishedAt, actions }: DigestedRun): string {
  return digestOf({ agentId, runId, startedAt, finishedAt, actions: actionsDigest(actions) });
}

/** The digest by which a VIOLATION_REPORTED entry covers its violation; its description by a salted digest. */
export function violationDigest(agentId: string, violation: Violation): string {
  const { type, severity, occurredAt, description } = violation;
  return digestOf({ agentId, type, severity, occurredAt, description: description?.digest ?? null });
}

/** The salted digest of what was sent: equal only for the same content under the same salt. */
export function sentDigest(salt: string, content: unknown): string {
  return digestOf([salt, content]);
}
