import {
  StorageUnavailableError,
  storageErrorOf,
  type StorageError,
} from '../../app/ports/storage-errors.ts';
import { PrismaClient, type Prisma } from '../../generated/prisma/client.ts';
import { CLOCK_COLUMNS, storedAnchor } from '../prisma/clock-anchor.ts';
import type { Database, LockedHead, Work } from '../prisma/database.ts';
import { FileIdentity, type FileWatch } from './file-identity.ts';
import type { Guards } from './guards.ts';
import { Probe } from './probe.ts';
import type { RawRow } from '../prisma/raw.ts';
import { storedHead } from '../prisma/reader.ts';
import { retryBusy } from './retry-busy.ts';
import { faultSentence } from './storage-faults.ts';
import { sqliteAdapter } from './sqlite-adapter.ts';
import { WriteFault } from './write-fault.ts';
import { WriteQueue } from './write-queue.ts';

/** The longest time that a timer can hold; beyond it, it fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * A SQLite file, opened. Prisma's adapter has one connection, on which a plain read would see the uncommitted writes of
 * somebody's transaction, and a plain write would be rolled back with it: hence a client to read with, and another that
 * only `writeTransaction` can reach.
 */
export class SqliteDatabase implements Database {
  readonly reader: PrismaClient;
  readonly #writer: PrismaClient;
  readonly #queue = new WriteQueue();
  readonly #writeFault = new WriteFault();
  readonly #probe: Probe;
  readonly #identity: FileIdentity;
  readonly #patience: number;
  #isOpen = true;
  /** A damaged page that some query met, in a sentence: no trial mends it. */
  #damage: string | null = null;

  constructor(file: string, { patience, guards }: { readonly patience: number; readonly guards: Guards }) {
    this.#probe = new Probe(file, guards);
    this.#identity = new FileIdentity(file, () => this.#probe.read());
    const mayOpen = () => this.#isOpen;
    const onFault = (fault: StorageError) => {
      if (!fault.retryable) this.#damage = faultSentence(fault);
    };
    const client = (readonly: boolean) => {
      // Reading goes on: what is open is read, whatever became of its name.
      const change = () => (readonly ? null : this.#identity.change());
      return new PrismaClient({
        adapter: sqliteAdapter({ file, readonly, patience, mayOpen, change, onFault }),
        errorFormat: 'minimal',
      });
    };
    this.reader = client(true);
    this.#writer = client(false);
    this.#patience = patience;
  }

  writeTransaction<T>(work: Work<T>, options: { readonly timeout?: number } = {}): Promise<T> {
    return this.transaction(lockHead, work, options);
  }

  async transaction<F, T>(
    first: (tx: Prisma.TransactionClient) => Promise<F>,
    work: (tx: Prisma.TransactionClient, found: F) => Promise<T>,
    { timeout = 30_000 }: { readonly timeout?: number } = {},
  ): Promise<T> {
    const limit = Math.min(this.#patience + timeout, LONGEST_TIMER);
    try {
      return await this.#queue.run(() =>
        this.#writer.$transaction(async (tx) => work(tx, await retryBusy(this.#patience, () => first(tx))), {
          maxWait: limit,
          timeout: limit,
        }),
      );
    } catch (error) {
      const fault = storageErrorOf(error);
      if (fault instanceof StorageUnavailableError) this.#writeFault.met(fault);
      throw fault ?? error;
    }
  }

  /** Empties the write-ahead log, so that nothing is left there of what was blanked; a reader may keep it from that. */
  async emptyLog(): Promise<void> {
    await this.#queue.run(() => this.#writer.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  /** A number that differs from the last one if anybody, in any process, has committed in between. */
  dataVersion(): number {
    // Whoever asks this does so all the time: a moved file is noticed although nobody writes.
    this.#identity.change();
    return this.#probe.dataVersion();
  }

  /** Tells when the files are no longer those that were opened, and when they are again. */
  watchFiles(watch: FileWatch): void {
    this.#identity.watch(watch);
  }

  /** What keeps this database from being trusted, in sentences; empty if nothing does. */
  faults(): readonly string[] {
    return this.#probe.faults();
  }

  /** Why it can't be used, in a sentence; null if it can: the last write that could not is tried again, damage stays. */
  async writeFault(): Promise<string | null> {
    const reason = this.#identity.change();
    if (reason !== null) this.#writeFault.met(new StorageUnavailableError({ reason }));
    else if (this.#damage !== null) return this.#damage;
    return this.#writeFault.present(() => this.writeTransaction(fillAndEmpty));
  }

  /** Lets the transactions that wait finish, then closes every connection. */
  async close(): Promise<void> {
    await this.#queue.close();
    this.#isOpen = false;
    const isOurs = this.#identity.isOurs();
    // Whoever closes last writes the log into the file and deletes it by name: not where another file has that name.
    if (!isOurs) await this.#writer.$disconnect();
    await this.reader.$disconnect();
    this.#probe.close();
    // Last, because only a connection that may write can leave the file without its write-ahead log.
    if (isOurs) await this.#writer.$disconnect();
  }
}

/**
 * Writes as much as a large command, 64 pages, and leaves nothing but room: a full disk takes a smaller write for a while.
 * The pages of a long value are written although it is short again, because what was blanked is overwritten.
 */
async function fillAndEmpty(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`UPDATE ledger_head SET hash = hash || hex(zeroblob(131072))`;
  await tx.$executeRaw`UPDATE ledger_head SET hash = substr(hash, 1, 64)`;
}

/** Takes the write lock: an update that changes nothing, because SQLite begins to write with the first statement that does. */
async function lockHead(tx: Prisma.TransactionClient): Promise<LockedHead> {
  const [head] = await tx.$queryRawUnsafe<RawRow[]>(
    `UPDATE ledger_head SET id = id RETURNING seq, hash, recorded_at, policy_digest, ${CLOCK_COLUMNS}`,
  );
  if (head === undefined) throw new StorageUnavailableError({ cause: new Error('ledger_head has no row.') });
  return { ...storedHead(head), anchor: storedAnchor(head) };
}
