import type { CandidacyState } from '../governance/candidacy.ts';
import type { PrincipalKind } from '../governance/principals/principal.ts';
import type { Decision } from '../governance/run.ts';
import type { Severity } from '../governance/severity.ts';
import type { Tier } from '../governance/tier.ts';

/** The rows that commands add, by table. `seq` is the entry that a row stands on; instants are UTC milliseconds. */
export interface Rows {
  readonly texts: {
    readonly id: string;
    readonly digest: string;
    readonly salt: string;
    readonly body: string;
  };
  readonly principals: {
    readonly key: string;
    readonly id: string;
    readonly salt: string;
    readonly kind: PrincipalKind;
  };
  readonly runs: {
    readonly seq: number;
    readonly agentId: string;
    readonly runId: string;
    readonly startedAt: number;
    readonly finishedAt: number;
    readonly recordedAt: number;
    readonly recordedByKey: string;
    readonly compliant: boolean;
    readonly sentDigest: string;
    readonly sentSalt: string;
  };
  readonly actions: {
    readonly seq: number;
    readonly position: number;
    readonly agentId: string;
    readonly type: string;
    readonly decision: Decision;
    readonly success: boolean;
    readonly occurredAt: number;
    readonly recordedAt: number;
  };
  readonly violations: {
    readonly seq: number;
    readonly agentId: string;
    readonly violationId: string | null;
    readonly runSeq: number | null;
    readonly type: string;
    readonly severity: Severity;
    readonly descriptionId: string | null;
    readonly occurredAt: number;
    readonly recordedAt: number;
    readonly sentDigest: string | null;
    readonly sentSalt: string | null;
  };
  readonly candidacies: {
    readonly seq: number;
    readonly agentId: string;
    readonly state: CandidacyState;
    readonly fromTier: Tier;
    readonly toTier: Tier;
    readonly policy: string;
    readonly openedAt: number;
    readonly closedAt: number | null;
    readonly closedSeq: number | null;
  };
  readonly approvals: {
    readonly seq: number;
    readonly candidacySeq: number;
    readonly principalKey: string;
    readonly role: 'REVIEWER' | 'ADMIN';
    readonly rationaleId: string | null;
    readonly at: number;
  };
  readonly recorders: { readonly agentId: string; readonly principalKey: string };
  readonly formerOwners: {
    readonly agentId: string;
    readonly principalKey: string;
    readonly untilSeq: number;
  };
  readonly idempotencyKeys: {
    readonly principalKey: string;
    readonly mutation: string;
    readonly key: string;
    readonly inputDigest: string;
    readonly outcome: string;
    readonly createdAt: number;
  };
  readonly policies: {
    readonly digest: string;
    readonly name: string;
    readonly body: string;
    readonly adoptedAt: number;
  };
}
