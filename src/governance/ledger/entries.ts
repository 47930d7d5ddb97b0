import type { AgentState } from '../agent-state.ts';
import type { Command } from '../principals/authority.ts';
import type { ErrorCode } from '../errors.ts';
import type { PromotionStatus } from '../evaluation.ts';
import type { Facts } from '../facts.ts';
import type { ApproverRole } from '../policy.ts';
import type { Tier } from '../tier.ts';
import type { VaultPrivilege } from '../vault/vault-plan.ts';

/** A free text that is kept out of the chain: its id, and its salted digest. */
export interface TextReference {
  readonly id: string;
  readonly digest: string;
}

/** What a decision stood on: its facts under its policy give its verdict again, byte for byte. */
export interface Verdict {
  readonly policy: string;
  readonly facts: Facts;
  readonly status: PromotionStatus;
  readonly evidence: string;
}

/** A tier change as an entry shows it; `fromTier` is null where an agent begins. */
export interface TierChangePayload {
  readonly fromTier: Tier | null;
  readonly toTier: Tier;
}

/** The vote that an imported promotion names. */
export interface ImportedApproval {
  readonly principalKey: string;
  readonly rationale: TextReference | null;
}

/** The payload of every type of entry. `after` is the agent's state after it; people are opaque keys. */
export interface EntryPayloads {
  readonly AGENT_REGISTERED: TierChangePayload & {
    readonly owner: string | null;
    readonly after: AgentState;
  };
  readonly AGENT_IMPORTED: TierChangePayload & {
    readonly after: AgentState;
    readonly registeredAt: number;
    readonly lastActiveAt: number | null;
    /** Imported actions have no run: this entry covers them. */
    readonly actions: { readonly count: number; readonly digest: string };
  };
  readonly RUN_RECORDED: { readonly runId: string; readonly digest: string; readonly after: AgentState };
  readonly VIOLATION_REPORTED: {
    readonly run: number | null;
    readonly digest: string;
    /** Absent for an imported violation: the agent's base is its AGENT_IMPORTED entry. */
    readonly after?: AgentState;
  };
  readonly AGENT_BECAME_ELIGIBLE: Verdict & {
    readonly owner: string | null;
    /** Absent in entries from before agents could retire. */
    readonly retired?: boolean;
  };
  readonly ELIGIBILITY_LOST: Verdict & { readonly candidacy: number; readonly cause: number | null };
  readonly APPROVAL_RECORDED: Verdict & {
    readonly candidacy: number;
    readonly role: ApproverRole;
    readonly rationale: TextReference | null;
  };
  readonly AGENT_PROMOTED:
    | (TierChangePayload &
        Verdict & {
          readonly candidacy: number;
          readonly role: ApproverRole;
          readonly rationale: TextReference | null;
          readonly after: AgentState;
        })
    | (TierChangePayload & { readonly imported: ImportedApproval });
  readonly PROMOTION_DENIED: Verdict & {
    readonly candidacy: number;
    readonly rationale: TextReference;
    readonly until: number;
    readonly after: AgentState;
  };
  /** `rule` and `cause`, the violation's entry, are of an automatic revocation; `reason` is of a person's. */
  readonly AGENT_REVOKED: {
    readonly fromTier: Tier;
    readonly toTier: Tier;
    readonly suspended: boolean;
    readonly reason: TextReference | null;
    readonly rule: string | null;
    readonly cause: number | null;
    readonly coolDownUntil: number;
    readonly after: AgentState;
  };
  readonly AGENT_REINSTATED: { readonly reason: TextReference; readonly after: AgentState };
  /** What became of the agent; people are opaque keys. */
  readonly AGENT_UPDATED: {
    readonly owner: string | null;
    readonly retired: boolean;
    readonly reason: TextReference;
  };
  readonly COMMAND_REFUSED: {
    readonly command: Command;
    readonly code: ErrorCode;
    readonly message: string;
    readonly rationale: TextReference | null;
  };
  readonly POLICY_ADOPTED: { readonly policy: string; readonly previous: string | null };
  /** The wall clock that an operator accepted, and the time that was believed until then. */
  readonly CLOCK_ACCEPTED: {
    readonly wall: number;
    readonly believed: number;
    readonly reason: TextReference;
  };
  /** A text by its id, or a person by the opaque key. */
  readonly TEXT_ERASED: { readonly erased: 'TEXT' | 'PERSON'; readonly id: string };
  /** What was read back; `position` is the entry that says so of the ledger. */
  readonly VAULT_CONFIRMED: VaultPrivilege & { readonly position: number };
  /** What Vault refused to take, and how; `why` names the entity or the groups of an agent that is MISPLACED. */
  readonly VAULT_FAILED: VaultPrivilege & {
    readonly position: number;
    readonly failure: string;
    readonly why?: string;
  };
  /** What should have stood there, and what did; null if there was no entity. */
  readonly VAULT_DRIFTED: VaultPrivilege & {
    readonly position: number;
    readonly found: { readonly tier: Tier | null; readonly disabled: boolean } | null;
  };
}

/** The types of entry that the ledger holds. */
export type LedgerEntryType = keyof EntryPayloads;

/** An entry before it has its place in the chain. */
export type NewEntry = {
  readonly [T in LedgerEntryType]: {
    readonly type: T;
    readonly at: number;
    readonly agentId: string | null;
    /** The opaque key of the principal who caused it. */
    readonly actor: string;
    readonly payload: EntryPayloads[T];
  };
}[LedgerEntryType];

/** The tier that an entry leads to, or null if it changes none. */
export function tierAfter(entry: NewEntry): Tier | null {
  return 'toTier' in entry.payload ? entry.payload.toTier : null;
}
