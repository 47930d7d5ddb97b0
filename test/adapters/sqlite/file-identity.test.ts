import {
  copyFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/sqlite/open-database.ts';
import { start } from '../../support/process.ts';
import { rawConnection, tempDatabase } from '../../support/temp-database.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import type { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';

const write = (database: SqliteDatabase, id: string) =>
  database.writeTransaction((tx) => tx.text.create({ data: { id, digest: 'd' } }));

function watched(database: SqliteDatabase): (string | null)[] {
  const told: (string | null)[] = [];
  database.watchFiles((reason) => told.push(reason));
  return told;
}

/** A database whose path leads over a folder and a link. */
function reachedThrough() {
  const root = tempFolder();
  const { database } = openDatabase(join(root, 'data', 'tierkeeper.db'), { absent: 'create' });
  return { root, database };
}

describe('the files of an open database', () => {
  test('are told to be overwritten once another file is copied over them, and closing leaves that file as it is', async () => {
    const { database, file } = tempDatabase();
    const other = join(tempFolder(), 'other.db');
    const opened = openDatabase(other, { absent: 'create' });
    await write(opened.database, 'other');
    await opened.database.close();
    await write(database, 'own');
    const told = watched(database);
    copyFileSync(other, file);
    const { ino, mtimeMs } = statSync(file);
    await expect(write(database, 'lost')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(await database.writeFault()).toMatch(/its file was overwritten/);
    expect(told).toEqual([expect.stringMatching(/overwritten/)]);
    await database.close();
    expect(statSync(file)).toMatchObject({ ino, mtimeMs });
    for (const part of ['-wal', '-shm']) rmSync(file + part);
    expect(rawConnection(file).prepare('SELECT id FROM texts').pluck().all()).toEqual(['other']);
  });

  test('are told to be gone with their folder, and to be there again, once each', async () => {
    const { root, database } = reachedThrough();
    const told = watched(database);
    renameSync(join(root, 'data'), join(root, 'old'));
    for (const id of ['1', '2']) await expect(write(database, id)).rejects.toThrow('moved or deleted');
    renameSync(join(root, 'old'), join(root, 'data'));
    await write(database, '3');
    expect(told).toEqual([expect.stringMatching(/moved or deleted/), null]);
    await database.close();
  });

  test('are told to be others once a link on their path leads elsewhere', async () => {
    const root = tempFolder();
    for (const name of ['a', 'b'])
      await openDatabase(join(root, name, 'tierkeeper.db'), { absent: 'create' }).database.close();
    symlinkSync(join(root, 'a'), join(root, 'link'));
    const { database } = openDatabase(join(root, 'link', 'tierkeeper.db'));
    await write(database, 'before');
    unlinkSync(join(root, 'link'));
    symlinkSync(join(root, 'b'), join(root, 'link'));
    await expect(write(database, 'lost')).rejects.toThrow('replaced by another');
    await database.close();
    expect(
      rawConnection(join(root, 'a', 'tierkeeper.db'))
        .prepare('SELECT id FROM texts')
        .pluck()
        .all(),
    ).toEqual(['before']);
  });

  test.each(['-wal', '-shm'])(
    'are told to be incomplete once the %s file is deleted, and closing keeps what was committed',
    async (part) => {
      const { database, file } = tempDatabase();
      await write(database, 'before');
      expect(await database.reader.text.count()).toBe(1);
      rmSync(file + part);
      await expect(write(database, 'lost')).rejects.toThrow(
        `its ${part} file was moved or deleted while it was open. Put the same file back, or stop Tierkeeper with SIGTERM`,
      );
      expect((await database.reader.text.findMany()).map(({ id }) => id)).toEqual(['before']);
      await database.close();
      expect(rawConnection(file).prepare('SELECT id FROM texts').pluck().all()).toEqual(['before']);
    },
  );

  test('are told to be incomplete once another -shm file takes the place, and closing keeps what was committed', async () => {
    const { database, file } = tempDatabase();
    await write(database, 'before');
    copyFileSync(`${file}-shm`, `${file}-shm.new`);
    renameSync(`${file}-shm.new`, `${file}-shm`);
    await expect(write(database, 'lost')).rejects.toThrow(
      'stop Tierkeeper with SIGTERM, which keeps the last commits',
    );
    await database.close();
    expect(rawConnection(file).prepare('SELECT id FROM texts').pluck().all()).toEqual(['before']);
  });

  test('are told to be lost without their -wal file once another one takes its place', async () => {
    const { database, file } = tempDatabase();
    await write(database, 'before');
    writeFileSync(`${file}-wal.new`, '');
    renameSync(`${file}-wal.new`, `${file}-wal`);
    await expect(write(database, 'lost')).rejects.toThrow('without it the last commits are lost');
  });

  test('may be read, checkpointed, vacuumed and touched by others without being told of', async () => {
    const { database, file } = tempDatabase();
    const told = watched(database);
    for (const [index, statement] of [
      'PRAGMA wal_checkpoint(TRUNCATE)',
      'VACUUM',
      'PRAGMA wal_checkpoint',
    ].entries()) {
      await write(database, `${index}`);
      const other = rawConnection(file);
      other.exec(statement);
      other.close();
      utimesSync(file, index, index);
      expect(await database.writeFault()).toBeNull();
    }
    expect(told).toEqual([]);
  });

  test('may be written by another process that checkpoints and vacuums all the time', async () => {
    const { database, file } = tempDatabase();
    const told = watched(database);
    const busy = `const db = require('better-sqlite3')(process.argv[1], { timeout: 20000 });
      const add = db.prepare("INSERT INTO texts (id, digest) VALUES (?, hex(zeroblob(20000)))");
      for (let n = 0; n < 20; n += 1) {
        add.run('other-' + n);
        db.exec(n % 5 === 0 ? 'VACUUM' : 'PRAGMA wal_checkpoint(' + (n % 2 ? 'TRUNCATE' : 'PASSIVE') + ')');
      }`;
    const other = start([process.execPath, '-e', busy, file]);
    const state = { isOver: false };
    const ended = other.ended.finally(() => (state.isOver = true));
    for (let own = 0; !state.isOver; own += 1) await write(database, `own-${own}`);
    expect((await ended).stderr).toBe('');
    expect(told).toEqual([]);
  });
});
