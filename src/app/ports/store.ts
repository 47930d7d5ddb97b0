// ports/ holds every seam to the world, by concern; adapters/ implement them. A use case decides by pure rules inside one write
// transaction that changes state and appends to the ledger. Nothing in app/ knows GraphQL, HTTP or SQL, reads a clock, or
// makes an id other than through these ports.
import type { ClockDoubt } from '../../governance/clock-witness.ts';
import type { ChainedEntry } from '../../governance/ledger/chain.ts';
import type { NewEntry } from '../../governance/ledger/entries.ts';
import type { Policy } from '../../governance/policy.ts';
import type { Rows } from '../rows.ts';
import type { AgentReader, AgentWriter } from './agents.ts';
import type { Deliveries } from './deliveries.ts';
import type { LedgerReader } from './ledger.ts';
import type { PeopleReader, PeopleWriter } from './people.ts';
import type { Repetitions } from './repetitions.ts';
import type { VaultRecords } from './vault-records.ts';

/** Reads inside a write transaction and outside it alike. */
export interface Reader extends LedgerReader, AgentReader, PeopleReader, VaultRecords {}

/**
 * One write transaction. It begins by taking the write lock on the ledger's head, so commit order is seq order. Additions are
 * buffered and written set-wise by `flush` and at the end; of all reads only `facts` sees them before. A throw undoes everything.
 */
export interface WriteTransaction extends Reader, AgentWriter, PeopleWriter, Repetitions {
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
  /** Puts a policy in force: from now on `inForce` is this one. */
  adoptPolicy(policy: Policy): void;
  flush(): Promise<void>;
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
