import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Head } from '../../governance/ledger/chain.ts';
import type { ClockAnchor } from '../../governance/clock-witness.ts';

/** The ledger's head as a write transaction finds it. */
export interface LockedHead extends Head {
  readonly policyDigest: string | null;
  readonly anchor: ClockAnchor | null;
}

/** The work of a write transaction, which holds the lock. It must go through `tx`: another client sees nothing of it. */
export type Work<T> = (tx: Prisma.TransactionClient, head: LockedHead) => Promise<T>;

/** The database that the store works on: one client to read with, and transactions that run one at a time. */
export interface Database {
  /** For reading alone; it sees what is committed. */
  readonly reader: PrismaClient;
  /**
   * Runs one piece of work at a time, in the order of arrival, in a transaction that begins by locking the ledger's head. A
   * throw undoes everything. `timeout` is how long the work may take, in milliseconds: an import takes more than the default.
   * @throws StorageBusyError, StorageUnavailableError, and what the work throws
   */
  writeTransaction<T>(work: Work<T>, options?: { readonly timeout?: number }): Promise<T>;
  /**
   * The same without the ledger's head. `first` must write, because it takes the lock, and is tried again while another
   * process holds it.
   * @throws StorageBusyError, StorageUnavailableError, and what the work throws
   */
  transaction<F, T>(
    first: (tx: Prisma.TransactionClient) => Promise<F>,
    work: (tx: Prisma.TransactionClient, found: F) => Promise<T>,
    options?: { readonly timeout?: number },
  ): Promise<T>;
}
