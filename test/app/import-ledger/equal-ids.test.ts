import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OriginalEngine, type OriginalId } from '../../../bench/original-engine.ts';
import { isEligible } from '../../../src/governance/evaluation.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { givenApp, NOW } from './given-app.ts';
import { evaluationsAt, importFile, iso } from './given-import.ts';

const FIELD = join(import.meta.dirname, '../../fixtures/field');
const FIELD_NOW = Date.UTC(2026, 10, 30);

function fieldLedger(name: string): string {
  const path = join(tempFolder(), name);
  copyFileSync(join(FIELD, name), path);
  return path;
}

/** The agents that the original engine finds eligible by each id, as a number or as its text, by which it finds them. */
function originallyEligible(path: string, now: number): readonly string[] {
  const engine = new OriginalEngine(path);
  const database = new Database(path, { readonly: true });
  try {
    const ids = database
      .prepare<[], { text: string; own: OriginalId }>(
        'SELECT CAST(agent_id AS TEXT) AS text, agent_id AS own FROM agent_metrics ORDER BY text COLLATE BINARY',
      )
      .safeIntegers()
      .all();
    const isEligible = ({ text, own }: (typeof ids)[number]) =>
      [engine.finds(text, now), engine.finds(own, now)].every((found) => found !== false);
    return ids.filter(isEligible).map(({ text }) => text);
  } finally {
    database.close();
    engine.close();
  }
}

async function eligibleHere(path: string, now: number) {
  const { app } = await givenApp(now);
  const report = await importFile(app, path);
  const evaluations = await evaluationsAt(app, now, { now });
  const eligible = [...evaluations].flatMap(([id, each]) =>
    each !== undefined && isEligible(each.status) ? [id] : [],
  );
  return { report, eligible };
}

type Declared = Readonly<Record<'agent_metrics' | 'agent_actions' | 'violations', string>>;
type Id = string | number;

/** A ledger of agents that lack nothing for T1 but what the facts say, with its agent_id columns declared as given. */
function declaredLedger(
  declared: Declared,
  rows: {
    readonly agents: readonly Id[];
    readonly actions: readonly Id[];
    readonly violations: readonly Id[];
  },
): string {
  const path = join(tempFolder(), 'governance.db');
  const database = new Database(path);
  database.exec(`
    CREATE TABLE agent_metrics (agent_id ${declared.agent_metrics}, current_tier, total_runs, compliant_runs, consecutive_compliant);
    CREATE TABLE agent_actions (timestamp TEXT, agent_id ${declared.agent_actions}, action, decision, success);
    CREATE TABLE violations (timestamp TEXT, agent_id ${declared.violations}, severity);
  `);
  const bound = (id: Id) => (typeof id === 'number' && Number.isInteger(id) ? BigInt(id) : id);
  const agent = database.prepare('INSERT INTO agent_metrics VALUES (?, 0, 9, 9, 9)');
  for (const id of rows.agents) agent.run(bound(id));
  const action = database.prepare(
    `INSERT INTO agent_actions VALUES ('${iso(DAY)}', ?, 'generate_plan', 'PLAN', 1)`,
  );
  for (const id of rows.actions) action.run(bound(id));
  const violation = database.prepare(`INSERT INTO violations VALUES ('${iso(2 * DAY)}', ?, 'low')`);
  for (const id of rows.violations) violation.run(bound(id));
  database.close();
  return path;
}

const PLAIN = { agent_metrics: 'TEXT', agent_actions: 'TEXT', violations: 'TEXT' };

describe('an imported ledger from the field', () => {
  it.each([
    'index_custom_collation.db',
    'no_total_runs.db',
    'nocase_violations.db',
    'numeric_id_affinity.db',
    'total_runs_null.db',
  ])('is answered as the original engine answers it: %s', async (name) => {
    const path = fieldLedger(name);
    const { report, eligible } = await eligibleHere(path, FIELD_NOW);
    const original = originallyEligible(path, FIELD_NOW);
    expect(original).not.toHaveLength(0);
    expect(original).not.toHaveLength(3);
    expect(eligible).toEqual(original);
    expect(report).toMatchObject({
      agents: { imported: 3 },
      actions: { imported: 8, refused: 0 },
      violations: { imported: 1, refused: 0 },
      promotions: { imported: 2, refused: 0 },
    });
    expect(report.problems.byKind).not.toHaveProperty('ORPHAN');
  });
});

describe('a fact of an original ledger', () => {
  it.each<[string, Partial<Declared>, Id, Id]>([
    ['an INTEGER column', { violations: 'INTEGER' }, '1002', 1002],
    ['a NUMERIC column', { violations: 'NUMERIC' }, '1002', 1002],
    ['a REAL column', { violations: 'REAL' }, '1002', 1002],
    ['a column without a type, beside numeric ids', { agent_metrics: 'INTEGER', violations: '' }, 1002, 1002],
    ['a TEXT column, beside numeric ids', { agent_metrics: 'INTEGER' }, 1002, '1002'],
    ['a NOCASE column', { violations: 'TEXT COLLATE NOCASE' }, 'rough', 'ROUGH'],
    ['an RTRIM column', { violations: 'TEXT COLLATE RTRIM' }, 'rough', 'rough  '],
    ['a NOCASE column without a type', { violations: 'COLLATE NOCASE' }, 'rough', 'Rough'],
  ])('is of the agent that it equals by the rules of %s', async (_, declared, agent, violator) => {
    const rows = { agents: [agent], actions: [String(agent)], violations: [violator] };
    const path = declaredLedger({ ...PLAIN, ...declared }, rows);
    const { report, eligible } = await eligibleHere(path, NOW);
    expect(report).toMatchObject({ agents: { imported: 1 }, violations: { imported: 1, refused: 0 } });
    expect(eligible).toEqual([]);
    const without = declaredLedger({ ...PLAIN, ...declared }, { ...rows, violations: [] });
    expect((await eligibleHere(without, NOW)).eligible).toEqual([String(agent)]);
  });

  it('is of each agent that it equals', async () => {
    const declared = { ...PLAIN, violations: 'INTEGER' };
    const path = declaredLedger(declared, {
      agents: ['1002', '01002', '1003'],
      actions: ['1002', '01002', '1003'],
      violations: [1002],
    });
    expect(await eligibleHere(path, NOW)).toMatchObject({
      eligible: ['1003'],
      report: { violations: { imported: 2 } },
    });
  });

  it('is an orphan if it equals no agent', async () => {
    const path = declaredLedger(PLAIN, { agents: ['rough'], actions: ['Rough'], violations: ['rough '] });
    const { report } = await eligibleHere(path, NOW);
    expect(report.problems.byKind).toMatchObject({ ORPHAN: 2 });
  });
});

describe('an original ledger', () => {
  it('is imported whatever its application keeps beside the columns that are read', async () => {
    const path = fieldLedger('no_total_runs.db');
    const database = new Database(path);
    database.exec(`CREATE VIRTUAL TABLE notes USING fts5(body, tokenize = 'porter'); INSERT INTO notes VALUES ('x');
      CREATE TABLE other (a TEXT); CREATE INDEX by_description ON violations (description COLLATE NOCASE);
      CREATE INDEX by_agent ON agent_metrics (agent_id COLLATE NOCASE); CREATE INDEX by_a ON other (a COLLATE RTRIM)`);
    database.unsafeMode();
    database.pragma('writable_schema = ON');
    for (const name of ['porter', 'NOCASE', 'RTRIM'])
      database.exec(`UPDATE sqlite_schema SET sql = replace(sql, '${name}', 'mine')`);
    database.close();
    const { report } = await eligibleHere(path, FIELD_NOW);
    expect(report).toMatchObject({ agents: { imported: 3 }, violations: { imported: 1 } });
  });

  it.each([true, false])(
    'beside which a log of WAL mode stands is said to have one: in WAL mode %s',
    async (inWal) => {
      const path = declaredLedger(PLAIN, { agents: ['rough'], actions: [], violations: [] });
      const database = new Database(path);
      onTestFinished(() => void database.close());
      if (inWal)
        database.exec(`PRAGMA journal_mode = WAL; INSERT INTO violations VALUES ('x', 'rough', 'low')`);
      else writeFileSync(`${path}-wal`, 'left behind');
      const { report } = await eligibleHere(path, NOW);
      const told = report.problems.listed.find(({ kind }) => kind === 'WAL_BESIDE');
      expect(told).toMatchObject({ table: null, agentId: null });
      expect(told?.message).toContain(inWal ? 'What it holds was read, too.' : 'was NOT read');
      expect(report.violations.imported).toBe(inWal ? 1 : 0);
    },
  );
});

describe('agents of an original ledger', () => {
  it.each<[string, string, readonly Id[]]>([
    ['spelled as a number and as its text', '', [1002, '1002']],
    ['that differ in case alone', 'TEXT COLLATE NOCASE', ['rough', 'Rough']],
    ['that differ in blanks at the end alone', 'TEXT COLLATE RTRIM', ['rough', 'rough ']],
  ])('%s, which the column holds to be equal, are refused', async (_, type, agents) => {
    const path = declaredLedger(
      { ...PLAIN, agent_metrics: type },
      { agents: [...agents, 'other'], actions: ['other'], violations: [] },
    );
    const { report, eligible } = await eligibleHere(path, NOW);
    expect([report.agents, eligible]).toEqual([{ imported: 1, skipped: 0, refused: 2 }, ['other']]);
    expect(report.problems.byKind.AGENT_TWICE).toBe(2);
  });

  it('look never better than the original engine finds them, whatever their columns are', async () => {
    const type = fc
      .tuple(
        fc.constantFrom('TEXT', 'INTEGER', 'REAL', 'NUMERIC', 'BLOB', ''),
        fc.constantFrom('', 'COLLATE NOCASE', 'COLLATE RTRIM'),
      )
      .map((parts) => parts.join(' '));
    const id = fc.constantFrom<Id>(
      '7',
      7,
      '07',
      '7.0',
      7.5,
      '7.5',
      'ab',
      'aB',
      'AB',
      'ab ',
      '1e3',
      1000,
      '1000',
    );
    const rows = fc.record({
      agents: fc.uniqueArray(id, { minLength: 3, maxLength: 6, comparator: 'SameValue' }),
      actions: fc.uniqueArray(id, { minLength: 6, comparator: 'SameValue' }),
      violations: fc.array(id, { maxLength: 2 }),
    });
    const declared = fc.record({ agent_metrics: type, agent_actions: type, violations: type });
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(declared, rows, async (columns, given) => {
        const path = declaredLedger(columns, given);
        const { report, eligible } = await eligibleHere(path, NOW);
        seen += eligible.length;
        expect(report.agents.imported + report.agents.refused).toBe(given.agents.length);
        expect(originallyEligible(path, NOW)).toEqual(expect.arrayContaining(eligible));
      }),
      { numRuns: 8, endOnFailure: true },
    );
    expect(seen).toBeGreaterThan(0);
  });
});
