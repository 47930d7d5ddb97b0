import { expect, test } from 'vitest';
import { rowsFrom, rowsParameter } from '../../../src/adapters/prisma/sql.ts';
import { givenEntries, rawConnection, tempDatabase } from '../../support/temp-database.ts';

const COLUMNS = { id: 'text', at: 'bigint', flag: 'boolean', note: 'text' };

test('one parameter is a table of rows, in their order, exact up to 53 bits', async () => {
  const { database } = tempDatabase();
  const rows = [
    ['a', Number.MAX_SAFE_INTEGER, true, 'it’s "quoted" \\ 𝄞'],
    ['b', -1, false, null],
    ['c', 0, null, ''],
  ];
  const sql = `SELECT *, typeof(at) AS kind FROM ${rowsFrom('sqlite', COLUMNS)} ORDER BY place`;
  expect(await database.reader.$queryRawUnsafe(sql, rowsParameter(rows))).toEqual([
    {
      id: 'a',
      at: BigInt(Number.MAX_SAFE_INTEGER),
      flag: 1n,
      note: 'it’s "quoted" \\ 𝄞',
      place: 0n,
      kind: 'integer',
    },
    { id: 'b', at: -1n, flag: 0n, note: null, place: 1n, kind: 'integer' },
    { id: 'c', at: 0n, flag: null, note: '', place: 2n, kind: 'integer' },
  ]);
});

test('no row is a table too', async () => {
  const { database } = tempDatabase();
  const sql = `SELECT * FROM ${rowsFrom('sqlite', COLUMNS)}`;
  expect(await database.reader.$queryRawUnsafe(sql, rowsParameter([]))).toEqual([]);
});

test('many rows are written by one statement and joined by another', async () => {
  const { database, file } = tempDatabase();
  givenEntries(rawConnection(file), 1);
  const columns = {
    position: 'integer',
    type: 'text',
    decision: '"Decision"',
    success: 'boolean',
    at: 'bigint',
  };
  const rows = Array.from({ length: 1_000 }, (_, index) => [
    index,
    `type-${index % 3}`,
    'EXECUTE',
    index % 2 === 0,
    index,
  ]);
  const added = await database.writeTransaction((tx) =>
    tx.$executeRawUnsafe(
      `INSERT INTO actions (seq, agent_id, position, type, decision, success, occurred_at, recorded_at)
       SELECT 1, 'a', position, type, decision, success, at, at FROM ${rowsFrom('sqlite', columns)} WHERE true`,
      rowsParameter(rows),
    ),
  );
  expect(added).toBe(1_000);
  expect(await database.reader.action.count({ where: { success: true } })).toBe(500);
  const wanted = rowsParameter([['type-0'], ['none'], ['type-2']]);
  const newest = await database.reader.$queryRawUnsafe(
    `SELECT place, (SELECT max(occurred_at) FROM actions WHERE agent_id = 'a' AND actions.type = wanted.type) AS newest
     FROM ${rowsFrom('sqlite', { type: 'text' })} AS wanted ORDER BY place`,
    wanted,
  );
  expect(newest).toEqual([
    { place: 0n, newest: 999n },
    { place: 1n, newest: null },
    { place: 2n, newest: 998n },
  ]);
});

test('on PostgreSQL the values are cast to the types of their columns', () => {
  expect(rowsFrom('postgresql', { id: 'text', tier: '"Tier"' }, 2)).toBe(
    '(SELECT (value ->> 0)::text AS id, (value ->> 1)::"Tier" AS tier, number - 1 AS place ' +
      'FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS element (value, number))',
  );
});
