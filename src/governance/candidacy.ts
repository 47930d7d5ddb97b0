import { isEligible, type Evaluation } from './evaluation.ts';
import type { ApprovalNeed, ApproverRole } from './policy.ts';

/** Whether a claim to the next tier is open, and how it ended. */
export type CandidacyState = 'OPEN' | 'PROMOTED' | 'DENIED' | 'LAPSED';

/** What a new evaluation does to an agent's claim to the next tier: at most one is open at a time (design rule 3.4). */
export type CandidacyTransition = 'OPENS' | 'LAPSES' | 'STAYS';

/** The transition from an open claim, or none, under a new evaluation. */
export function candidacyTransition(
  open: boolean,
  evaluation: Pick<Evaluation, 'status'>,
): CandidacyTransition {
  const eligible = isEligible(evaluation.status);
  if (eligible === open) return 'STAYS';
  return eligible ? 'OPENS' : 'LAPSES';
}

/** A vote, as far as it counts: who, and as what. */
export interface Vote {
  readonly principalKey: string;
  readonly role: ApproverRole;
}

/**
 * What is still missing after votes by distinct people. A reviewer's vote fills a reviewer's need; an admin's fills a
 * need of admins first and, if there is none left, one of reviewers.
 */
export function missingNeeds(
  needs: readonly ApprovalNeed[],
  votes: readonly Vote[],
): readonly ApprovalNeed[] {
  const people = new Map(votes.map((vote) => [vote.principalKey, vote.role]));
  const cast = (role: ApproverRole) => [...people.values()].filter((each) => each === role).length;
  const asked = (role: ApproverRole) => needs.find((need) => need.role === role)?.count ?? 0;
  const spareAdmins = Math.max(0, cast('ADMIN') - asked('ADMIN'));
  return needs
    .map((need) => ({
      role: need.role,
      count: Math.max(0, need.count - cast(need.role) - (need.role === 'REVIEWER' ? spareAdmins : 0)),
    }))
    .filter((need) => need.count > 0);
}
