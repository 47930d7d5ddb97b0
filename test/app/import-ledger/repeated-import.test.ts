import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { ImportProgress } from '../../../src/app/import-ledger/import-report.ts';
import type { App } from '../../../src/app/app.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { givenApp } from './given-app.ts';
import { CLEAN, importFile, metrics, plan } from './given-import.ts';

const MANY = {
  agent_metrics: Array.from({ length: 1_200 }, (_, n) => metrics(`agent-${String(n)}`, 0, 9)),
  agent_actions: Array.from({ length: 12_000 }, (_, n) => plan(`agent-${String(n % 1_200)}`, n)),
};

describe('an import', () => {
  it('of what is here already changes nothing, and says so', async () => {
    const { app, everything, rings } = await givenApp();
    const path = givenOriginalLedger(CLEAN);
    await importFile(app, path);
    const before = everything();
    const again = await importFile(app, path, { actor: { id: 'operator:sam', kind: 'PERSON' } });
    expect(everything()).toEqual(before);
    expect(rings()).toBe(1);
    expect(again).toMatchObject({
      agents: { imported: 0, skipped: 2, refused: 0 },
      actions: { imported: 0, skipped: 3, refused: 0 },
      violations: { imported: 0, skipped: 2, refused: 0 },
      promotions: { imported: 0, skipped: 2, refused: 0 },
      problems: { total: 2, byKind: { AGENT_EXISTS: 2 } },
    });
  });

  it('of a ledger that has grown adds the new agents, and nothing to the others', async () => {
    const { app, rows } = await givenApp();
    const path = givenOriginalLedger(CLEAN);
    await importFile(app, path);
    const eve = `SELECT * FROM agents NATURAL JOIN ledger_entries WHERE agent_id = 'eve'`;
    const before = rows(eve);
    const database = new Database(path);
    database.exec(`INSERT INTO agent_metrics (agent_id, current_tier) VALUES ('new', 0)`);
    database.exec(
      `INSERT INTO agent_actions (agent_id, action, timestamp) VALUES ('eve', 'x', '2026'), ('new', 'x', '2026-01-01')`,
    );
    database.close();
    const report = await importFile(app, path);
    expect(report).toMatchObject({
      agents: { imported: 1, skipped: 2 },
      actions: { imported: 1, skipped: 4 },
    });
    expect(rows(eve)).toEqual(before);
  });

  it('that is tried only writes nothing, and says what would be', async () => {
    const { app, everything, rings } = await givenApp();
    const path = givenOriginalLedger({
      ...CLEAN,
      violations: [{ agent_id: 'bob', timestamp: 'soon', severity: 'low' }],
    });
    const before = everything();
    const tried = await importFile(app, path, { dryRun: true });
    expect([everything(), rings()]).toEqual([before, 0]);
    const done = await importFile(app, path);
    expect(tried).toEqual({ ...done, dryRun: true });
    expect(done.problems.total).toBe(1);
  });

  it.each([0, 10_000, 13_200])(
    'that ends after %i rows leaves nothing, and can be done anew',
    async (last) => {
      const { app, everything, rings } = await givenApp();
      const path = givenOriginalLedger(MANY);
      const before = everything();
      const onProgress = ({ phase, done }: ImportProgress) => {
        if (phase === 'IMPORTING' && done >= last) throw new Error('The power went out.');
      };
      await expect(importFile(app, path, { onProgress })).rejects.toThrow('The power went out.');
      expect([everything(), rings()]).toEqual([before, 0]);
      expect(await importFile(app, path)).toMatchObject({
        agents: { imported: 1_200 },
        actions: { imported: 12_000 },
      });
    },
  );

  it('that runs beside another of the same ledger imports each agent once', async () => {
    const { app, rows } = await givenApp();
    const path = givenOriginalLedger(CLEAN);
    const reports = await Promise.all([importFile(app, path), importFile(app, path), importFile(app, path)]);
    expect(reports.map((report) => report.agents.imported).toSorted()).toEqual([0, 0, 2]);
    expect(rows(`SELECT agent_id FROM ledger_entries WHERE type = 'AGENT_IMPORTED'`)).toHaveLength(2);
  });

  it('skips an agent that has come here between its check and its write', async () => {
    const { app } = await givenApp();
    const [first, path] = [
      givenOriginalLedger({ agent_metrics: [metrics('eve', 3, 1)] }),
      givenOriginalLedger(CLEAN),
    ];
    const write: App['store']['write'] = async (work, options) => {
      await importFile(app, first);
      return app.store.write(work, options);
    };
    const report = await importFile({ ...app, store: { reader: app.store.reader, write } }, path);
    expect(report).toMatchObject({
      agents: { imported: 1, skipped: 1 },
      actions: { imported: 1, skipped: 2 },
    });
    expect((await app.store.reader.agents(['eve'])).get('eve')?.state.tier).toBe('T3');
  });

  it('tells how far it has come, in both of its phases, to the end', async () => {
    const { app } = await givenApp();
    const heard: ImportProgress[] = [];
    await importFile(app, givenOriginalLedger(MANY), { onProgress: (progress) => heard.push(progress) });
    const expected = (phase: ImportProgress['phase']) =>
      [0, 5_000, 10_000, 13_200].map((done) => ({ phase, done, total: 13_200 }));
    expect(heard).toEqual([...expected('CHECKING'), ...expected('IMPORTING')]);
  });
});
