import type { Head } from '../../governance/ledger/chain.ts';
import type { ClockAnchor } from '../../governance/clock-witness.ts';
import type { Facts } from '../../governance/facts.ts';
import type { AgentRecord, FactsRequest } from './agents.ts';
import type { Rows } from '../rows.ts';

/** A ledger's database, to be read as it is: it is neither brought up to date nor written. */
export interface LedgerArchive {
  /**
   * Lets work see one moment of it, whatever others write meanwhile, and closes it.
   * @throws MigrationError, StorageBusyError, StorageUnavailableError
   */
  read<T>(work: (snapshot: LedgerSnapshot) => Promise<T>): Promise<T>;
}

/** One moment of a ledger. Rows come in the order of what they stand on, one after the other, never all at once. */
export interface LedgerSnapshot {
  readonly head: Head & { readonly policyDigest: string | null };
  /** The wall clock and its witness as they were last believed; null if that was never kept. */
  readonly clockAnchor: ClockAnchor | null;
  /** What is wrong with the database itself, in sentences: guards that are gone. */
  readonly faults: readonly string[];
  /** Entries after a position. */
  entries(after?: number): Iterable<EntryRow>;
  runs(): Iterable<RunRow>;
  actions(): Iterable<Rows['actions']>;
  violations(): Iterable<ViolationRow>;
  candidacies(): Iterable<Rows['candidacies']>;
  approvals(): Iterable<Rows['approvals']>;
  formerOwners(): Iterable<FormerOwnerRow>;
  texts(): Iterable<TextRow>;
  principals(): Iterable<PrincipalRow>;
  policies(): Iterable<Rows['policies']>;
  agents(): Iterable<AgentRecord>;
  /** Who stands among an agent's recorders without a run, or recorded one without standing there. */
  strayRecorders(): Iterable<Rows['recorders']>;
  textDigest(id: string): string | null;
  /** What its agents have done so far, in a few aggregates: each reads an index of all actions once at most. */
  experience(): Experience;
  facts(requests: readonly FactsRequest[]): Promise<readonly Facts[]>;
}

/** What all agents of a ledger have done, however long ago. */
export interface Experience {
  readonly agents: number;
  /** The most that any agent has over its lifetime. */
  readonly mostCompliantRuns: number;
  readonly firstRegisteredAt: number;
  readonly actions: readonly {
    readonly type: string;
    readonly decision: string;
    readonly success: boolean;
    readonly count: number;
  }[];
  /** Whether any agent ever had so many successful executions within so many milliseconds. */
  executedTogether(atLeast: number, within: number): boolean;
}

/** An entry as its row holds it, of whatever type. */
export interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly recordedAt: number;
  readonly type: string;
  readonly agentId: string | null;
  readonly actorKey: string;
  readonly payload: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly toTier: string | null;
}

/** A run's row, but for what only tells repetitions. */
export interface RunRow extends Omit<Rows['runs'], 'sentDigest' | 'sentSalt'> {
  /** Whether any violation names it, and whether one was sent with it. */
  readonly violated: boolean;
  readonly violatedAtOnce: boolean;
}

/** A violation's row, but for what only tells repetitions. */
export interface ViolationRow extends Omit<Rows['violations'], 'sentDigest' | 'sentSalt' | 'violationId'> {
  /** The digest of its description, or null if it has none. */
  readonly description: string | null;
  readonly inRun: boolean;
  /** Whether it is the first that names its run. */
  readonly spoils: boolean;
}

/** Who owned an agent until the entry that gave it to somebody else. */
export interface FormerOwnerRow {
  readonly seq: number;
  readonly agentId: string;
  readonly principalKey: string;
}

/** A text's row; blank once it is erased. */
export interface TextRow {
  readonly id: string;
  readonly digest: string;
  readonly salt: string | null;
  readonly body: string | null;
}

/** A principal's row; blank once it is erased. */
export interface PrincipalRow {
  readonly key: string;
  readonly id: string | null;
  readonly salt: string | null;
}
