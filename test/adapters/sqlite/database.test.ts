import { chmodSync, closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';
import { readGuards } from '../../../src/adapters/sqlite/guards.ts';
import { providerFolder } from '../../../src/adapters/sqlite/migrations.ts';
import { migrate } from '../../../src/adapters/sqlite/migrate.ts';
import { openDatabase } from '../../../src/adapters/sqlite/open-database.ts';
import {
  StorageBusyError,
  storageErrorOf,
  StorageUnavailableError,
} from '../../../src/app/ports/storage-errors.ts';
import { start, startTogether, typescript } from '../../support/process.ts';
import { givenEntries, rawConnection, tempDatabase } from '../../support/temp-database.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const DAY = 86_400_000;

describe('a write transaction', () => {
  test('is not seen by a plain read before it commits', async () => {
    const { database } = tempDatabase();
    await database.writeTransaction(async (tx) => {
      await tx.text.create({ data: { id: 't', digest: 'd' } });
      expect(await tx.text.count()).toBe(1);
      expect(await database.reader.text.count()).toBe(0);
    });
    expect(await database.reader.text.count()).toBe(1);
  });

  test('leaves nothing behind when its work throws, and the next one works', async () => {
    const { database } = tempDatabase();
    const work = database.writeTransaction(async (tx) => {
      await tx.text.create({ data: { id: 'gone', digest: 'd' } });
      throw new RangeError('changed my mind');
    });
    await expect(work).rejects.toThrow(new RangeError('changed my mind'));
    await database.writeTransaction((tx) => tx.text.create({ data: { id: 'kept', digest: 'd' } }));
    expect(await database.reader.text.findMany({ select: { id: true } })).toEqual([{ id: 'kept' }]);
  });

  test('leaves nothing behind when a guard refuses a statement, even one that is caught', async () => {
    const { database, file } = tempDatabase();
    givenEntries(rawConnection(file), 1);
    await database.writeTransaction(async (tx) => {
      await expect(tx.$executeRaw`DELETE FROM ledger_entries`).rejects.toThrow('append-only');
    });
    expect(await database.reader.ledgerEntry.count()).toBe(1);
  });

  test('fails whole if its commit fails, and the next one works', async () => {
    const { database } = tempDatabase();
    const work = database.writeTransaction(async (tx) => {
      await tx.$queryRaw`PRAGMA defer_foreign_keys = ON`;
      await tx.recorder.create({ data: { agentId: 'nobody', principalKey: 'nobody' } });
    });
    await expect(work).rejects.toThrow();
    await database.writeTransaction((tx) => tx.text.create({ data: { id: 't', digest: 'd' } }));
    expect(await database.reader.recorder.count()).toBe(0);
    expect(await database.reader.text.count()).toBe(1);
  });

  test('that a fault of the disk has broken takes no more statements, even if its work goes on', async () => {
    const { database } = tempDatabase();
    const work = database.writeTransaction(async (tx) => {
      await tx.text.create({ data: { id: 'first', digest: 'd' } });
      await tx.$queryRaw`PRAGMA max_page_count = 1`;
      const body = 'x'.repeat(1_000_000);
      await expect(tx.text.create({ data: { id: 'big', digest: 'd', body } })).rejects.toThrow();
      await expect(tx.text.create({ data: { id: 'next', digest: 'd' } })).rejects.toThrow();
    });
    await expect(work).rejects.toBeInstanceOf(StorageUnavailableError);
    await database.writeTransaction(async (tx) => {
      await tx.$queryRaw`PRAGMA max_page_count = 4294967294`;
      await tx.text.create({ data: { id: 'last', digest: 'd' } });
    });
    expect(await database.reader.text.findMany({ select: { id: true } })).toEqual([{ id: 'last' }]);
  });

  test('follows the one before it, in the order of arrival, and finds its head', async () => {
    const { database } = tempDatabase();
    const seen: number[] = [];
    const step = () =>
      database.writeTransaction(async (tx, head) => {
        seen.push(head.seq);
        await turn();
        await tx.ledgerHead.update({ where: { id: 1 }, data: { seq: BigInt(head.seq + 1) } });
      });
    await Promise.all(Array.from({ length: 20 }, step));
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test('waits its turn for as long as that takes', async () => {
    const { database } = tempDatabase({ patience: 50 });
    const started = performance.now();
    const first = database.writeTransaction(async (tx) => {
      while (performance.now() < started + 250) {
        await tx.text.count();
        await turn();
      }
    });
    const second = database.writeTransaction((tx) => tx.text.count(), { timeout: 50 });
    await expect(Promise.all([first, second])).resolves.toEqual([undefined, 0]);
  });

  test('begins by taking the write lock, so that what it reads stays true', async () => {
    const { database, file } = tempDatabase();
    const other = rawConnection(file, { timeout: 0 });
    await database.writeTransaction(async (tx) => {
      await tx.text.count();
      expect(() => other.exec('BEGIN IMMEDIATE')).toThrow('database is locked');
      await tx.text.create({ data: { id: 't', digest: 'd' } });
    });
  });

  test('may wait and work for longer than a timer can hold', async () => {
    const { database } = tempDatabase();
    const long = database.writeTransaction(
      async (tx) => {
        // A timer of more than 24.8 days fires at once; these turns would let it.
        for (let turns = 0; turns < 20; turns++) {
          await tx.text.count();
          await turn();
        }
        return tx.text.create({ data: { id: 't', digest: 'd' } });
      },
      { timeout: 60 * DAY },
    );
    await expect(long).resolves.toMatchObject({ id: 't' });
  });

  test('reaches the disk at every commit, and checks references', async () => {
    const { database } = tempDatabase();
    const settings = await database.writeTransaction(async (tx) => [
      await tx.$queryRaw`PRAGMA synchronous`,
      await tx.$queryRaw`PRAGMA foreign_keys`,
      await tx.$queryRaw`PRAGMA journal_mode`,
    ]);
    expect(settings).toEqual([[{ synchronous: 2n }], [{ foreign_keys: 1n }], [{ journal_mode: 'wal' }]]);
  });

  test('stores instants as integers of UTC milliseconds, and booleans as 0 and 1', async () => {
    const { database, file } = tempDatabase();
    const connection = rawConnection(file);
    givenEntries(connection, 1);
    const instant = Date.UTC(2026, 6, 1, 12, 30, 15, 250);
    await database.writeTransaction((tx) =>
      tx.action.create({
        data: {
          seq: 1n,
          position: 0,
          agentId: 'a',
          type: 'plan',
          decision: 'EXECUTE',
          success: true,
          occurredAt: BigInt(instant),
          recordedAt: BigInt(instant),
        },
      }),
    );
    const row = connection
      .prepare(
        `SELECT occurred_at AS at, typeof(occurred_at) AS kind, success, typeof(success) AS flag FROM actions`,
      )
      .get();
    expect(row).toEqual({ at: instant, kind: 'integer', success: 1, flag: 'integer' });
    expect(await database.reader.action.findFirst()).toMatchObject({
      occurredAt: BigInt(instant),
      success: true,
    });
  });
});

describe('several processes on one file', { timeout: 120_000 }, () => {
  test('lose nothing and are never told that it is busy', async () => {
    const { database, file } = tempDatabase();
    givenEntries(rawConnection(file));
    const command = typescript('test/adapters/sqlite/processes/append.ts', file, '200');
    const ended = await startTogether(4, command);
    expect(ended).toEqual(ended.map(() => ({ code: 0, stdout: 'ready\n', stderr: '' })));
    const entries = await database.reader.ledgerEntry.findMany({
      select: { seq: true },
      orderBy: { seq: 'asc' },
    });
    expect(entries.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: 800 }, (_, index) => index + 1),
    );
    expect(await database.reader.ledgerHead.findMany({ select: { seq: true } })).toEqual([{ seq: 800n }]);
  });

  test('wait for each other without blocking: reads go on', async () => {
    const { database, file } = tempDatabase();
    await database.writeTransaction((tx) => tx.text.count());
    const other = rawConnection(file);
    other.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    let written = false;
    const write = database
      .writeTransaction((tx) => tx.text.create({ data: { id: 't', digest: 'd' } }))
      .then(() => (written = true));
    for (let reads = 0; reads < 50; reads++) {
      await turn();
      expect(await database.reader.text.count()).toBe(0);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(written).toBe(false);
    other.exec('COMMIT');
    await write;
    expect(await database.reader.text.count()).toBe(1);
  });

  test('give up after their patience with an error that says what to do, and no more than that', async () => {
    const { database, file } = tempDatabase({ patience: 50 });
    const other = rawConnection(file);
    other.exec('BEGIN IMMEDIATE');
    const fault: unknown = await database
      .writeTransaction((tx) => tx.text.count())
      .catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StorageBusyError);
    expect(fault).toMatchObject({ code: 'STORAGE_BUSY', retryable: true });
    expect((fault as Error).message).not.toMatch(/sqlite|prisma|locked/i);
    other.exec('COMMIT');
    await expect(database.writeTransaction((tx) => tx.text.count())).resolves.toBe(0);
  });

  test('read on as soon as one that holds the file alone lets it go', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    migrate(file);
    const other = rawConnection(file);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('UPDATE ledger_head SET id = id');
    const database = new SqliteDatabase(file, {
      patience: 10_000,
      guards: readGuards(providerFolder('sqlite')),
    });
    const reading = database.reader.text.count();
    let read = false;
    void reading.then(() => (read = true));
    await turn();
    expect(read).toBe(false);
    other.close();
    await expect(reading).resolves.toBe(0);
    await database.close();
  });

  test('notice each other’s commits by one cheap number', async () => {
    const { database, file } = tempDatabase();
    const other = rawConnection(file);
    const first = database.dataVersion();
    expect(database.dataVersion()).toBe(first);
    other.exec(`INSERT INTO texts (id, digest) VALUES ('other', 'd')`);
    const second = database.dataVersion();
    expect(second).not.toBe(first);
    await database.writeTransaction((tx) => tx.text.create({ data: { id: 'own', digest: 'd' } }));
    expect(database.dataVersion()).not.toBe(second);
  });
});

describe('a fault of the disk is a typed error, and the process lives', { timeout: 60_000 }, () => {
  const runs = async (command: readonly string[]) => {
    const { code, stdout, stderr } = await start(command).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as unknown;
  };

  test('when it is full', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const child = typescript('test/adapters/sqlite/processes/full-disk.ts', file);
    const limited = ['sh', '-c', 'ulimit -f 1500; exec "$@"', 'sh', ...child];
    const answer = (await runs(limited)) as { stored: number; readable: number; message: string };
    expect(answer).toMatchObject({ fault: 'STORAGE_UNAVAILABLE', isTyped: true, again: answer.stored });
    expect(answer.stored).toBeGreaterThan(0);
    expect(answer.readable).toBe(answer.stored);
    expect(answer.message).not.toMatch(/sqlite|prisma|disk/i);
    expect(rawConnection(file).prepare('SELECT count(*) FROM texts').pluck().get()).toBe(answer.stored);
  });

  test('when it is read-only', async () => {
    const folder = tempFolder();
    chmodSync(folder, 0o755);
    const file = join(folder, 'folder', 'tierkeeper.db');
    expect(await runs(typescript('test/adapters/sqlite/processes/read-only-disk.ts', file))).toEqual({
      fault: 'STORAGE_UNAVAILABLE',
      isTyped: true,
      again: 'STORAGE_UNAVAILABLE',
      readable: 0,
      reopened: 'READ_ONLY',
    });
  });

  test('when it is damaged', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    migrate(file);
    rawConnection(file).pragma('wal_checkpoint(TRUNCATE)');
    const page = Buffer.alloc(4096, 0xff);
    const handle = openSync(file, 'r+');
    for (let at = 4096; at < statSync(file).size; at += 4096) writeSync(handle, page, 0, page.length, at);
    closeSync(handle);
    const guards = readGuards(providerFolder('sqlite'));
    const database = new SqliteDatabase(file, { patience: 50, guards });
    const reading: unknown = await database.reader.text.findMany().catch((error: unknown) => error);
    expect(storageErrorOf(reading)).toBeInstanceOf(StorageUnavailableError);
    const writing = database.writeTransaction((tx) => tx.text.count());
    await expect(writing).rejects.toBeInstanceOf(StorageUnavailableError);
    await database.close();
  });
});

describe('closing a database', () => {
  test('lets the transactions that wait finish, takes no more, and leaves one file', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const { database } = openDatabase(file, { absent: 'create' });
    const waiting = Array.from({ length: 5 }, (_, index) =>
      database.writeTransaction((tx) => tx.text.create({ data: { id: `t${index}`, digest: 'd' } })),
    );
    const closing = database.close();
    await expect(database.writeTransaction((tx) => tx.text.count())).rejects.toBeInstanceOf(
      StorageUnavailableError,
    );
    await Promise.all([...waiting, closing]);
    expect(statSync(`${file}-wal`, { throwIfNoEntry: false })).toBeUndefined();
    expect(rawConnection(file).prepare('SELECT count(*) FROM texts').pluck().get()).toBe(5);
  });

  test('is for good: a late read fails instead of opening the file again', async () => {
    const { database } = openDatabase(join(tempFolder(), 'tierkeeper.db'), { absent: 'create' });
    await database.reader.text.count();
    await database.close();
    const late: unknown = await database.reader.text.count().catch((error: unknown) => error);
    expect(storageErrorOf(late)).toBeInstanceOf(StorageUnavailableError);
  });
});
