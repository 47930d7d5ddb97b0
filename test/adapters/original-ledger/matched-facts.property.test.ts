import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openOriginalLedger } from '../../../src/adapters/original-ledger/open-original-ledger.ts';
import { tempFolder } from '../../support/temp-folder.ts';

type Id = string | bigint | number | null | Buffer;

const type = fc
  .tuple(
    fc.constantFrom('TEXT', 'INTEGER', 'REAL', 'NUMERIC', 'BLOB', ''),
    fc.constantFrom('', 'COLLATE NOCASE', 'COLLATE RTRIM'),
  )
  .map((parts) => parts.join(' '));
const id = fc.constantFrom<Id>(
  '7',
  7n,
  '07',
  '7.0',
  7.5,
  '7.5',
  'ab',
  'aB',
  'AB',
  'ab ',
  '1e3',
  1000n,
  '1000',
  ' 7',
  '7 ',
  2n ** 53n - 1n,
  String(2n ** 53n - 1n),
  null,
  Buffer.from('ab'),
  'ä',
  'Ä',
  '',
  '-0',
  0n,
  '0x7',
);
const ids = fc.array(id, { maxLength: 12 });

/** The row ids of a table that equal what is bound, as the original engine asks. */
function asked(database: Database.Database, table: string, by: Id): ReadonlySet<number> {
  const query = database.prepare<[Id], number>(`SELECT rowid FROM ${table} WHERE agent_id = ?`).pluck();
  return new Set(query.all(by));
}

it('a violation is of each agent that either way of asking finds, an action of each that both find', async () => {
  const path = join(tempFolder(), 'governance.db');
  const database = new Database(path);
  database.pragma('synchronous = OFF');
  await fc.assert(
    fc.asyncProperty(type, type, type, ids, ids, async (metrics, actions, violations, agents, facts) => {
      database.exec(`
        BEGIN; DROP TABLE IF EXISTS agent_metrics; CREATE TABLE agent_metrics (agent_id ${metrics}, current_tier);
        DROP TABLE IF EXISTS agent_actions; CREATE TABLE agent_actions (agent_id ${actions}, timestamp, action);
        DROP TABLE IF EXISTS violations; CREATE TABLE violations (agent_id ${violations}, timestamp);
      `);
      for (const each of agents) database.prepare('INSERT INTO agent_metrics VALUES (?, 0)').run(each);
      for (const each of facts) {
        database.prepare("INSERT INTO agent_actions VALUES (?, '', '')").run(each);
        database.prepare("INSERT INTO violations VALUES (?, '')").run(each);
      }
      database.exec('COMMIT');
      const kept = database
        .prepare<[], { text: string; own: Id }>(
          `SELECT DISTINCT CAST(agent_id AS TEXT) COLLATE BINARY AS text, agent_id COLLATE BINARY AS own
           FROM agent_metrics WHERE typeof(agent_id) IN ('text', 'integer', 'real')`,
        )
        .safeIntegers()
        .all();
      const expected = (table: string, everyWay: boolean) => {
        const found = new Map<string, Set<number>>();
        for (const { text, own } of kept) {
          const [byText, byOwn] = [asked(database, table, text), asked(database, table, own)];
          const rows = everyWay ? [...byText].filter((row) => byOwn.has(row)) : [...byText, ...byOwn];
          found.set(text, new Set([...(found.get(text) ?? []), ...rows]));
        }
        return [...found].flatMap(([text, rows]) => [...rows].map((row) => `${text}|${row}`)).toSorted();
      };
      await openOriginalLedger(path).read((snapshot) => {
        for (const [table, everyWay] of [
          ['violations', false],
          ['agent_actions', true],
        ] as const) {
          const rows = [...snapshot.rows(table)];
          const pairs = rows.filter(({ agentId }) => agentId !== null);
          expect(pairs.map(({ agentId, rowid }) => `${String(agentId)}|${String(rowid)}`).toSorted()).toEqual(
            expected(table, everyWay),
          );
          expect(new Set(rows.map(({ rowid }) => rowid)).size).toBe(facts.length);
        }
        return Promise.resolve();
      });
    }),
    { numRuns: 60 },
  );
  database.close();
});
