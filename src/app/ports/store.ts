// app/ holds THE USE CASES: one verb per file. This file holds every seam to the world; adapters/ implement it.
// A use case decides by pure rules inside one write transaction that changes state and appends to the ledger.
// Nothing here knows GraphQL, HTTP or SQL, reads a clock, or makes an id other than through these ports.
import type { AgentState } from '../../governance/agent-state.ts';
import type { ClockAnchor, ClockDoubt } from '../../governance/clock-witness.ts';
import type { ChainedEntry, Head } from '../../governance/ledger/chain.ts';
import type { CandidacyState, Vote } from '../../governance/candidacy.ts';
import type { EntryPayloads, LedgerEntryType, NewEntry } from '../../governance/ledger/entries.ts';
import type { PromotionStatus } from '../../governance/evaluation.ts';
import type { Facts, FactsNeeded } from '../../governance/facts.ts';
import type { Policy, RevocationRule } from '../../governance/policy.ts';
import type { PrincipalKind } from '../../governance/principals/principal.ts';
import type { Tier } from '../../governance/tier.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import type { Rows } from '../rows.ts';

/** The one source of time: UTC milliseconds. */
export interface Clock {
  now(): number;
}

/** The clock that counts since the machine was booted, in milliseconds, time asleep included. */
export interface BootClock extends Clock {
  /** Names the boot: counts of two boots can't be compared. */
  readonly id: string;
}

/** Holds the wall clock against what the machine and the ledger know of time (design rule 3.2). */
export interface ClockWitness {
  /** Why the wall clock is not believed now, or null. */
  doubt(): ClockDoubt | null;
  /** Calls when a doubt begins, and with null when it ends. */
  onTurn(listener: (doubt: ClockDoubt | null) => void): void;
  /** Takes in where the ledger stands, and the reading that was believed last by any process. */
  learn(found: { readonly recordedAt: number; readonly anchor: ClockAnchor | null }): void;
  /** A believed reading that the database does not hold yet, or null. */
  toKeep(): ClockAnchor | null;
  /** Believes the wall clock as it stands, although it may be behind a ledger that ends at `recordedAt`. */
  accept(recordedAt: number): ClockAnchor;
}

/** Wakes at an instant: never before it, and soon after it. */
export interface Alarm {
  /** Replaces whatever was set. */
  set(instant: number, wake: () => void): void;
  clear(): void;
}

/** The one source of randomness. */
export interface Ids {
  /** 32 random hex digits. */
  next(): string;
}

/** A payload-free wake-up that new entries exist. Losing one costs time, never data. */
export interface Doorbell {
  ring(): void;
  /** Listens until the returned function is called. */
  listen(wake: () => void): () => void;
}

/** Counts what happens; the server exposes it. */
export interface Meter {
  /** One command, by the code it was refused with, or `DONE`. */
  command(command: string, code: string): void;
}

/** An agent as its row holds it: the fold of its entries, and the stored answer. */
export interface AgentRecord {
  readonly state: AgentState;
  readonly ownerKey: string | null;
  readonly registeredAt: number;
  readonly lastActiveAt: number | null;
  readonly retiredAt: number | null;
  /** The open candidacy, by the entry that opened it. */
  readonly candidacy: number | null;
  readonly status: PromotionStatus;
  readonly changesAt: number | null;
  readonly eligibleAt: number | null;
  readonly eligibleSince: number | null;
}

/** One agent to look up facts for, at an instant. */
export interface FactsRequest {
  readonly state: AgentState;
  readonly candidacy: number | null;
  /** The window, both ends inclusive. */
  readonly since: number;
  readonly asOf: number;
  readonly needed: FactsNeeded;
}

/** What can be read inside a write transaction and outside it alike. Results stand in the order of what was asked. */
export interface Reader {
  head(): Promise<Head & { readonly policyDigest: string | null }>;
  /** The reading of both clocks that was believed last, or null if none was kept. */
  clockAnchor(): Promise<ClockAnchor | null>;
  /** The head and the smallest stored `changesAt` of one moment: what every operation begins with. */
  standing(): Promise<Head & { readonly policyDigest: string | null; readonly nextChange: number | null }>;
  agents(agentIds: readonly string[]): Promise<ReadonlyMap<string, AgentRecord>>;
  facts(requests: readonly FactsRequest[]): Promise<readonly Facts[]>;
  /** The state and open candidacy of each agent at an instant; null before its first entry. */
  statesAt(agentIds: readonly string[], asOf: number): Promise<ReadonlyMap<string, PastAgent>>;
  policy(digest: string): Promise<Policy | null>;
  /** Agents in the order of their names, those after a name. */
  agentsAfter(agentId: string, limit: number): Promise<readonly AgentRecord[]>;
  /** Agents whose stored answer has changed by an instant, the earliest change first. */
  dueAgents(now: number, limit: number): Promise<readonly AgentRecord[]>;
  /** The smallest stored `changesAt`, or null. */
  nextChange(): Promise<number | null>;
  /** The opaque keys of the principals that are known, by id. */
  knownKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What each principal has had to do with each agent. */
  involvements(pairs: readonly InvolvedPair[]): Promise<readonly Involvement[]>;
  /** The votes of each candidacy, oldest first; those of erased people, who could vote again, no longer count. */
  votes(candidacies: readonly number[]): Promise<ReadonlyMap<number, readonly CastVote[]>>;
  /** Entries after a position, oldest first; of one type if so asked. */
  entriesAfter(seq: number, limit: number, type?: LedgerEntryType): Promise<readonly StoredEntry[]>;
  /** The entry that refers to a text, or null. It may have to read every entry. */
  entryOfText(textId: string): Promise<number | null>;
  /** The first 8 hex digits of an entry's hash, or null if there is none: 64 zeros stand before the first. */
  hashAt(seq: number): Promise<string | null>;
  measures(): Promise<Measures>;
  /** What the ledger knows of agents in Vault. */
  vaultRecords(agentIds: readonly string[]): Promise<ReadonlyMap<string, VaultRecord>>;
}

/** An entry about an agent in Vault. */
export type VaultEntry = Extract<
  {
    readonly [T in LedgerEntryType]: Pick<StoredEntryOf<T>, 'seq' | 'type' | 'at' | 'payload'>;
  }[LedgerEntryType],
  { readonly type: 'VAULT_CONFIRMED' | 'VAULT_FAILED' | 'VAULT_DRIFTED' }
>;

/** What the ledger knows of an agent in Vault. */
export interface VaultRecord {
  readonly last: VaultEntry | null;
  readonly confirmed: Extract<VaultEntry, { readonly type: 'VAULT_CONFIRMED' }> | null;
  readonly pending: Delivery | null;
}

/** How the fleet and the ledger stand, for whoever watches over them. */
export interface Measures {
  readonly seq: number;
  /** The smallest stored `changesAt`, or null. */
  readonly nextChange: number | null;
  /** When the open candidacy that waits longest was opened, or null. */
  readonly oldestCandidacy: number | null;
  /** How many agents that are not retired have each tier and status, none too. */
  readonly agents: readonly {
    readonly tier: Tier;
    readonly status: PromotionStatus;
    readonly count: number;
  }[];
}

/** An agent and somebody who may have had to do with it; `since` is the `seq` after which having owned it matters, if any. */
export interface InvolvedPair {
  readonly agentId: string;
  readonly principalKey: string;
  readonly since: number | null;
}

/** Whether somebody has recorded a run of an agent, and whether they owned it after an entry but no longer do. */
export interface Involvement {
  readonly recorded: boolean;
  readonly owned: boolean;
}

/** A rule of revocation that counts the violations of an agent in the window, which begins at `since`. */
export interface CountRequest {
  readonly agentId: string;
  readonly rule: Pick<RevocationRule, 'name' | 'severity' | 'violations'>;
  readonly since: number;
}

/** A vote that was cast, by the entry that recorded it. */
export interface CastVote extends Vote {
  readonly seq: number;
}

/** An entry as it is stored; `payload` is its parsed text. */
export type StoredEntry = { readonly [T in LedgerEntryType]: StoredEntryOf<T> }[LedgerEntryType];

interface StoredEntryOf<T extends LedgerEntryType> {
  readonly seq: number;
  readonly type: T;
  readonly at: number;
  readonly recordedAt: number;
  readonly agentId: string | null;
  readonly actorKey: string;
  readonly hash: string;
  readonly payload: EntryPayloads[T];
}

/** An agent as it was. */
export interface PastAgent {
  readonly state: AgentState;
  readonly candidacy: number | null;
}

/** A free text that can be erased, and the entry that refers to it. */
export interface ErasableText {
  readonly id: string;
  readonly seq: number;
  readonly agentId: string | null;
  readonly actorKey: string;
  readonly recordedAt: number;
  /** Whether it is erased already. */
  readonly blank: boolean;
}

/** What was stored of something sent before, to tell a repetition from a conflict. */
export interface Sent {
  readonly seq: number;
  readonly compliant: boolean;
  readonly sentDigest: string | null;
  readonly sentSalt: string | null;
}

/**
 * One write transaction. It begins by taking the write lock on the ledger's head, so commit order is seq order; what is
 * added is buffered and written set-wise by `flush` and at the end. Of all reads only `facts` sees what is buffered. A
 * throw undoes everything.
 */
export interface WriteTransaction extends Reader {
  /** The instant of the lock; never before the last `recordedAt`. */
  readonly now: number;
  /** Why nothing may be settled or raised in this transaction, or null. */
  readonly doubt: ClockDoubt | null;
  /** The policy in force; throws if none has been adopted yet. */
  readonly inForce: Policy;
  readonly deliveries: Deliveries;
  /** The `seq` that the next entry will have. */
  nextSeq(): number;
  append(entry: NewEntry): ChainedEntry;
  insert<Table extends keyof Rows>(table: Table, row: Rows[Table]): void;
  saveAgent(agent: AgentRecord): void;
  closeCandidacy(seq: number, state: Exclude<CandidacyState, 'OPEN'>, closedBy: ChainedEntry): void;
  /** A violation reported later makes its run no longer compliant. */
  spoilRun(seq: number): void;
  /** From now on in force: `inForce` is this one. */
  adoptPolicy(policy: Policy): void;
  flush(): Promise<void>;
  /** The opaque keys of people named by id, made on first sight. */
  principalKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The opaque key of whoever acts, made on first sight; its kind is kept true. */
  actorKey(principal: { readonly id: string; readonly kind: PrincipalKind }): Promise<string>;
  runs(
    keys: readonly { readonly agentId: string; readonly runId: string }[],
  ): Promise<readonly (Sent | null)[]>;
  violation(agentId: string, violationId: string): Promise<Sent | null>;
  /** How many violations stand for each rule that it has not revoked for yet; as many as any rule counts are enough. */
  unconsumed(requests: readonly CountRequest[]): Promise<readonly number[]>;
  spentKey(
    principalKey: string,
    mutation: string,
    key: string,
  ): Promise<{ readonly inputDigest: string; readonly outcome: string } | null>;
  /** The free text that an entry refers to, in its payload or by its violation; null if there is none. */
  textOfEntry(seq: number): Promise<ErasableText | null>;
  /** Blanks a text, and what it could be guessed from, for good. */
  blankText(text: ErasableText): Promise<void>;
  principal(id: string): Promise<{ readonly key: string; readonly kind: PrincipalKind } | null>;
  /** Blanks a principal's name, for good. */
  blankPrincipal(key: string): Promise<void>;
  /** Whether a refusal of this kind may become an entry now: at most one a minute. Remembers it if so. */
  admitsRefusal(principalKey: string, agentId: string | null, code: string): Promise<boolean>;
}

/** How a transaction is written. */
export interface WriteOptions {
  /** How long its work may take, in milliseconds: an import takes more than a command. */
  readonly timeout?: number;
  /** Shares a transaction with others of its kind, each in a savepoint of its own: recording is many small commands. */
  readonly grouped?: boolean;
}

/** The database. */
export interface Store {
  readonly reader: Reader;
  /**
   * Runs one command at a time, in the order of arrival.
   * @throws StorageBusyError, StorageUnavailableError, OverloadedError
   */
  write<T>(work: (tx: WriteTransaction) => Promise<T>, options?: WriteOptions): Promise<T>;
}

/** What every use case is given. */
export interface App {
  readonly store: Store;
  readonly clock: Clock;
  readonly witness: ClockWitness;
  readonly ids: Ids;
  readonly doorbell: Doorbell;
  readonly meter: Meter;
}
