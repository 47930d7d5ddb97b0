import SqliteDatabase, { type Database as Connection } from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rawConnection, tempDatabase } from '../../support/temp-database.ts';

/** How often each statement is prepared from now on. */
function preparations(): Map<string, number> {
  const counts = new Map<string, number>();
  const { prepare } = SqliteDatabase.prototype;
  SqliteDatabase.prototype.prepare = function (this: Connection, sql: string) {
    counts.set(sql, (counts.get(sql) ?? 0) + 1);
    return prepare.call(this, sql);
  } as typeof prepare;
  onTestFinished(() => {
    SqliteDatabase.prototype.prepare = prepare;
  });
  return counts;
}

describe('a connection', () => {
  test('prepares a statement once, whatever its values are, and each use gives its own rows', async () => {
    const { database } = tempDatabase();
    const counts = preparations();
    const [insert, select] = [
      'INSERT INTO texts (id, digest) VALUES (?, ?)',
      'SELECT digest FROM texts WHERE id = ?',
    ];
    for (const id of ['a', 'b', 'c'])
      await database.writeTransaction((tx) => tx.$executeRawUnsafe(insert, id, id.toUpperCase()));
    const asked = ['c', 'nobody', 'a', 'b'].map((id) => database.reader.$queryRawUnsafe(select, id));
    expect(await Promise.all(asked)).toEqual([[{ digest: 'C' }], [], [{ digest: 'A' }], [{ digest: 'B' }]]);
    expect([counts.get(insert), counts.get(select), counts.get('COMMIT')]).toEqual([1, 1, 1]);
  });

  test('prepares a statement anew once the schema is another, whoever has altered it', async () => {
    const { database, file } = tempDatabase();
    const [insert, select] = [`INSERT INTO texts (id, digest) VALUES ('a', 'd')`, 'SELECT * FROM texts'];
    await database.writeTransaction((tx) => tx.$executeRawUnsafe(insert));
    const row = { id: 'a', digest: 'd', salt: null, body: null };
    expect(await database.reader.$queryRawUnsafe(select)).toEqual([row]);
    const other = rawConnection(file);
    other.exec(
      'ALTER TABLE texts RENAME COLUMN body TO words; ALTER TABLE texts ADD COLUMN more INTEGER DEFAULT 7',
    );
    const { body: words, ...rest } = row;
    expect(await database.reader.$queryRawUnsafe(select)).toEqual([{ ...rest, words, more: 7 }]);
    await database.writeTransaction(async (tx) => {
      expect(await tx.$queryRawUnsafe(select)).toEqual([{ ...rest, words, more: 7 }]);
    });
  });

  test('prepares a statement that failed no differently from any other', async () => {
    const { database } = tempDatabase();
    const insert = 'INSERT INTO texts (id, digest) VALUES (?, ?)';
    const add = (id: string | null) =>
      database.writeTransaction((tx) => tx.$executeRawUnsafe(insert, id, 'd'));
    await expect(add(null)).rejects.toThrow('NOT NULL');
    await expect(database.reader.$queryRawUnsafe('SELECT id FROM nowhere')).rejects.toThrow('nowhere');
    expect(await add('a')).toBe(1);
    await expect(add('a')).rejects.toThrow('never replaced');
    expect(await add('b')).toBe(1);
  });

  test('keeps the statements that were used last, and no more than 200', async () => {
    const { database } = tempDatabase();
    const counts = preparations();
    const ask = (number: number) => database.reader.$queryRawUnsafe(`SELECT ${number} AS number`);
    for (let number = 0; number < 250; number += 1) {
      expect(await ask(number)).toEqual([{ number: BigInt(number) }]);
      await ask(0);
    }
    for (const number of [249, 100, 1]) await ask(number);
    const prepared = [0, 249, 100, 1].map((number) => counts.get(`SELECT ${number} AS number`));
    expect(prepared).toEqual([1, 1, 1, 2]);
  });

  test('keeps neither what may act while it is prepared nor what is too long to come again', async () => {
    const { database } = tempDatabase();
    const counts = preparations();
    const texts = ['PRAGMA user_version', `SELECT 1 AS one WHERE ? NOT IN (${'1, '.repeat(4_000)}1)`];
    for (const sql of texts)
      for (let time = 0; time < 3; time += 1)
        await database.reader.$queryRawUnsafe(sql, ...(sql.includes('?') ? [2] : []));
    expect(texts.map((sql) => counts.get(sql))).toEqual([3, 3]);
  });
});
