import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openOriginalLedger } from '../../../src/adapters/original-ledger/open-original-ledger.ts';
import { ORIGINAL_TABLES } from '../../../src/governance/import/imported-rows.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';

const action = (agent_id: string | null, action: string) => ({ agent_id, action, timestamp: '2026-06-01' });

function writeTo(path: string, ...statements: readonly string[]): void {
  const database = new Database(path);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

describe('an original ledger', () => {
  it('gives every row, by agent in byte order, an agent’s in the order of their insertion', async () => {
    const path = givenOriginalLedger({
      agent_metrics: ['a', 'b', 'B'].map((agent_id) => ({ agent_id, current_tier: 0 })),
      agent_actions: [
        action('b', '1'),
        action('a', '2'),
        action('b', '3'),
        action('B', '4'),
        action(null, '5'),
      ],
    });
    const actions = await openOriginalLedger(path).read((snapshot) =>
      Promise.resolve([...snapshot.rows('agent_actions')]),
    );
    expect(actions.map(({ agentId, action }) => [agentId, action])).toEqual([
      [null, '5'],
      ['B', '4'],
      ['a', '2'],
      ['b', '1'],
      ['b', '3'],
    ]);
    expect(actions[0]).toEqual({
      rowid: 5,
      agentId: null,
      named: null,
      timestamp: '2026-06-01',
      action: '5',
      decision: null,
      success: null,
    });
  });

  it('gives rows one by one, of several tables at the same time', async () => {
    const path = givenOriginalLedger({
      agent_actions: [action('a', '1'), action('b', '2')],
      violations: [{ agent_id: 'a', timestamp: 'x', severity: 'low' }],
    });
    await openOriginalLedger(path).read(async (snapshot) => {
      const [first, second] = [snapshot.rows('agent_actions'), snapshot.rows('agent_actions')].map((rows) =>
        rows[Symbol.iterator](),
      );
      expect(first?.next().value).toMatchObject({ action: '1' });
      expect([...snapshot.rows('violations')]).toMatchObject([{ timestamp: 'x', severity: 'low' }]);
      expect(second?.next().value).toMatchObject({ action: '1' });
      await Promise.resolve();
      expect(first?.next().value).toMatchObject({ action: '2' });
      expect(snapshot.rowCounts).toEqual({
        agent_metrics: 0,
        agent_actions: 2,
        violations: 1,
        promotions: 0,
      });
    });
  });

  it('is one snapshot, whatever is written meanwhile', async () => {
    const path = givenOriginalLedger({ agent_actions: [action('a', '1')] });
    writeTo(path, 'PRAGMA journal_mode = WAL');
    await openOriginalLedger(path).read((snapshot) => {
      writeTo(path, `INSERT INTO agent_actions (agent_id, action, timestamp) VALUES ('a', '2', '2026')`);
      expect([...snapshot.rows('agent_actions')]).toHaveLength(1);
      expect(snapshot.rowCounts.agent_actions).toBe(1);
      return Promise.resolve();
    });
  });

  it('is not changed by being read', async () => {
    const path = givenOriginalLedger({ agent_actions: [action('a', '1')] });
    const before = [readFileSync(path), statSync(path).mtimeMs, readdirSync(dirname(path))];
    await openOriginalLedger(path).read((snapshot) => Promise.resolve([...snapshot.rows('agent_actions')]));
    expect([readFileSync(path), statSync(path).mtimeMs, readdirSync(dirname(path))]).toEqual(before);
  });

  it('is closed again, even if the work fails half-way through a table', async () => {
    const path = givenOriginalLedger({ agent_actions: [action('a', '1'), action('b', '2')] });
    const work = openOriginalLedger(path).read((snapshot) => {
      snapshot.rows('agent_actions')[Symbol.iterator]().next();
      return Promise.reject(new Error('enough'));
    });
    await expect(work).rejects.toThrow('enough');
    writeTo(path, 'PRAGMA locking_mode = EXCLUSIVE', 'DELETE FROM agent_actions');
  });

  it('may lack tables and columns, and says which', async () => {
    const path = givenOriginalLedger({
      agent_metrics: [{ agent_id: 'a', current_tier: 1 }],
      without: ['promotions', 'violations.severity', 'agent_metrics.total_runs'],
    });
    await openOriginalLedger(path).read((snapshot) => {
      expect(snapshot.absent).toEqual([
        { table: 'agent_metrics', column: 'total_runs' },
        { table: 'violations', column: 'severity' },
        { table: 'promotions', column: null },
      ]);
      expect([...snapshot.rows('agent_metrics')]).toMatchObject([
        { agentId: 'a', currentTier: 1, totalRuns: null },
      ]);
      expect([...snapshot.rows('promotions')]).toEqual([]);
      return Promise.resolve();
    });
  });

  it('may have tables of other spellings, kinds and further columns', async () => {
    const path = givenOriginalLedger({
      agent_metrics: [{ agent_id: 'a', current_tier: 1, team: 'payments', rowid: 'mine' }],
      without: ORIGINAL_TABLES.slice(1),
    });
    writeTo(
      path,
      'CREATE TABLE "Agent_Actions" (Agent_ID TEXT COLLATE NOCASE, TIMESTAMP TEXT, Action TEXT, PRIMARY KEY (Agent_ID, Action)) WITHOUT ROWID',
      `INSERT INTO agent_actions VALUES ('b', '2026', 'x'), ('A', '2026', 'y'), ('a', '2026', 'z'), ('B', '2026', 'w')`,
      `CREATE VIEW violations AS SELECT agent_id, '2026' AS timestamp FROM agent_metrics`,
    );
    await openOriginalLedger(path).read((snapshot) => {
      expect([...snapshot.rows('agent_metrics')]).toMatchObject([{ rowid: 1, agentId: 'a' }]);
      expect(
        [...snapshot.rows('agent_actions')].map(({ rowid, agentId, named }) => [rowid, agentId, named]),
      ).toEqual([
        [null, null, 'B'],
        [null, null, 'b'],
        [null, 'a', 'A'],
        [null, 'a', 'a'],
      ]);
      expect([...snapshot.rows('violations')]).toMatchObject([
        { rowid: null, agentId: 'a', timestamp: '2026' },
      ]);
      return Promise.resolve();
    });
  });
});
