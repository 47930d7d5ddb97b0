import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  Transaction,
} from '@prisma/driver-adapter-utils';
import type { Database } from 'better-sqlite3';
import { StorageUnavailableError, type StorageError } from '../../app/ports/storage-errors.ts';
import { keepPrepared } from './prepared-statements.ts';
import { BLOCKING_WAIT, retryBusy } from './retry-busy.ts';
import { storageFaultOf } from './storage-faults.ts';

/** One connection of Prisma's to a file that is there and in WAL mode. */
export interface SqliteConnection {
  readonly file: string;
  readonly readonly: boolean;
  /** How long opening and reading wait for a process that holds the file alone, in milliseconds. */
  readonly patience: number;
  /** Whether Prisma may still connect: it would open again what was closed. */
  readonly mayOpen: () => boolean;
  /** Why what is committed would be lost, in a sentence; null if it would not. */
  readonly change: () => string | null;
  /** Told of every fault that a query meets. */
  readonly onFault: (fault: StorageError) => void;
}

type Watched = Pick<SqliteConnection, 'patience' | 'change' | 'onFault'>;

/**
 * Prisma's adapter for better-sqlite3, made safe: every commit reaches the disk, foreign keys hold, a fault of the database
 * arrives as the `cause` of what a query throws (without a `code`, which would make Prisma put its own error in its place),
 * and a commit that fails is rolled back, where the original leaves the transaction open for the next one to fail on. And
 * made fast: it prepares each statement once.
 */
export function sqliteAdapter(connection: SqliteConnection): SqlDriverAdapterFactory {
  const { file, readonly, patience, mayOpen, change, onFault } = connection;
  const factory = new PrismaBetterSqlite3({
    url: file,
    readonly,
    fileMustExist: true,
    timeout: BLOCKING_WAIT,
  });
  const { provider, adapterName } = factory;
  const connect = async () => {
    if (!mayOpen())
      throw faultError(new StorageUnavailableError({ cause: new Error('The database was closed.') }));
    assertInPlace(change);
    const adapter = await translating(() => factory.connect(), onFault);
    // What is blanked is overwritten, not only let go. Temporary files would need a writable folder beside the data.
    const settings =
      'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;';
    try {
      await retryBusy(patience, () => translating(() => adapter.executeScript(settings), onFault));
      assertInPlace(change);
    } catch (error) {
      await adapter.dispose();
      throw error;
    }
    keepPrepared(connectionOf(adapter));
    return guardedAdapter(adapter, connection);
  };
  return { provider, adapterName, connect };
}

/** The adapter keeps its connection in `client`, which its type does not tell. */
function connectionOf(adapter: SqlDriverAdapter): Database {
  return (adapter as unknown as { readonly client: Database }).client;
}

function guardedAdapter(adapter: SqlDriverAdapter, { patience, change, onFault }: Watched): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  const executeRaw = adapter.executeRaw.bind(adapter);
  const startTransaction = adapter.startTransaction.bind(adapter);
  return Object.assign(adapter, {
    queryRaw: (query: SqlQuery) =>
      retryBusy(patience, () => translating(() => queryRaw(escapingLike(query)), onFault)),
    executeRaw: (query: SqlQuery) => translating(() => executeRaw(query), onFault),
    startTransaction: async () => {
      assertInPlace(change);
      return guardedTransaction(await translating(() => startTransaction(), onFault), { change, onFault });
    },
  });
}

/** A backslash escapes in a `contains`, as on PostgreSQL: else nothing could keep `_` from standing for any character. */
function escapingLike(query: SqlQuery): SqlQuery {
  const contains = "LIKE ('%' || ? || '%')";
  return { ...query, sql: query.sql.replaceAll(contains, `${contains} ESCAPE '\\'`) };
}

/** @throws an error whose cause is a StorageUnavailableError */
function assertInPlace(change: SqliteConnection['change']): void {
  const reason = change();
  if (reason !== null) throw faultError(new StorageUnavailableError({ reason }));
}

function guardedTransaction(
  transaction: Transaction,
  { change, onFault }: Pick<Watched, 'change' | 'onFault'>,
): Transaction {
  const queryRaw = transaction.queryRaw.bind(transaction);
  const executeRaw = transaction.executeRaw.bind(transaction);
  const rollBack = (query: SqlQuery) => translating(() => executeRaw({ ...query, sql: 'ROLLBACK' }), onFault);
  let lost: StorageError | null = null;
  // After some faults SQLite has rolled back by itself: what followed would be committed alone, statement by statement.
  const whole = <T>(run: () => Promise<T>): Promise<T> => {
    if (lost !== null) return Promise.reject(faultError(lost));
    return translating(run, (fault) => {
      onFault(fault);
      if (fault instanceof StorageUnavailableError) lost = fault;
    });
  };
  const commit = async (query: SqlQuery): Promise<number> => {
    try {
      assertInPlace(change);
      const committed = await whole(() => executeRaw(query));
      // What was moved during the commit may have taken it along: it must not be acknowledged.
      assertInPlace(change);
      return committed;
    } catch (error) {
      await rollBack(query).catch(() => undefined);
      throw error;
    }
  };
  return Object.assign(transaction, {
    queryRaw: (query: SqlQuery) => whole(() => queryRaw(query)),
    executeRaw: (query: SqlQuery) => {
      if (query.sql === 'COMMIT') return commit(query);
      return query.sql === 'ROLLBACK' ? rollBack(query) : whole(() => executeRaw(query));
    },
  });
}

/** `executeScript` throws at once where its type promises a rejection: hence the `async` around whatever is run. */
async function translating<T>(run: () => Promise<T>, seen: SqliteConnection['onFault']): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const fault = storageFaultOf(error);
    if (fault === null) throw error;
    seen(fault);
    throw faultError(fault);
  }
}

function faultError(fault: StorageError): Error {
  return new Error(fault.message, { cause: fault });
}
