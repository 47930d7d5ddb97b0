import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImportReport, ImportTally } from '../../../src/app/import-ledger/import-report.ts';
import { isEligible } from '../../../src/governance/evaluation.ts';
import { DAY } from '../../../src/governance/facts.ts';
import type { OriginalValue } from '../../../src/governance/import/imported-rows.ts';
import { givenOriginalLedger, type GivenRow } from '../../support/given-original-ledger.ts';
import { givenApp, NOW } from './given-app.ts';
import { evaluationsAt, importFile, iso } from './given-import.ts';

const ids = fc.constantFrom('a', 'b', 'c', 'A', '..', 'ü', '', null, 7);
const anything: fc.Arbitrary<OriginalValue> = fc.oneof(
  fc.string({ unit: 'binary-ascii' }),
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double(),
  fc.constantFrom<OriginalValue>(null, iso(DAY), iso(-DAY), 'EXECUTE', 'low', 0, 1, 2),
  fc.uint8Array({ maxLength: 9 }),
);
const anyRow = (...columns: readonly string[]) =>
  fc.record({ agent_id: ids, ...Object.fromEntries(columns.map((column) => [column, anything])) });
const anyLedger = fc.record({
  agent_metrics: fc.array(
    anyRow('current_tier', 'total_runs', 'compliant_runs', 'consecutive_compliant', 'last_active_at'),
  ),
  agent_actions: fc.array(anyRow('timestamp', 'action', 'decision', 'success')),
  violations: fc.array(anyRow('timestamp', 'violation_type', 'severity', 'description')),
  promotions: fc.array(anyRow('timestamp', 'from_tier', 'to_tier', 'approved_by', 'rationale')),
});
const sum = ({ imported, skipped, refused }: ImportTally) => imported + skipped + refused;
const sums = ({ agents, actions, violations, promotions }: ImportReport) =>
  [agents, actions, violations, promotions].map(sum);

/** An agent on the brink of the next tier: its row, actions and violations. */
const brink = fc.record({
  tier: fc.nat(3),
  runs: fc.constantFrom(4, 10, 50),
  streak: fc.constantFrom(2, 10, 25),
  actions: fc.array(
    fc.tuple(fc.constantFrom('generate_plan', 'ansible_run', 'terraform_apply'), fc.nat(40)),
    { minLength: 5, maxLength: 9 },
  ),
  violations: fc.array(fc.integer({ min: 20, max: 60 }), { maxLength: 1 }),
});
type Brink = typeof brink extends fc.Arbitrary<infer Value> ? Value : never;

const unclear = fc.constantFrom<OriginalValue>(
  null,
  '',
  'x',
  '2026-02-30',
  iso(-DAY),
  -1,
  0.5,
  2 ** 31,
  10 ** 6,
);
const dirt = fc.record({
  table: fc.constantFrom('agent_metrics', 'agent_actions', 'violations'),
  column: fc.nat(3),
  row: fc.nat(8),
  value: unclear,
});
type Dirt = typeof dirt extends fc.Arbitrary<infer Value> ? Value : never;

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  agent_metrics: ['current_tier', 'total_runs', 'compliant_runs', 'consecutive_compliant'],
  agent_actions: ['timestamp', 'action', 'decision', 'success'],
  violations: ['timestamp', 'severity', 'violation_type', 'description'],
};

function rowsOf(agent_id: string, { tier, runs, streak, actions, violations }: Brink) {
  return {
    agent_metrics: [
      {
        agent_id,
        current_tier: tier,
        total_runs: runs,
        compliant_runs: runs,
        consecutive_compliant: Math.min(runs, streak),
      },
    ],
    agent_actions: actions.map(([action, days]) => ({
      agent_id,
      action,
      timestamp: iso(days * DAY),
      decision: 'EXECUTE',
      success: 1,
    })),
    violations: violations.map((days) => ({
      agent_id,
      timestamp: iso(days * DAY),
      severity: 'low',
      violation_type: 'scope',
    })),
  };
}

function dirtied(
  rows: Record<string, GivenRow[]>,
  { table, column, row, value }: Dirt,
): Record<string, GivenRow[]> {
  const name = COLUMNS[table]?.[column] ?? '';
  const changed = (rows[table] ?? []).map((each, index, all) =>
    index === row % all.length ? { ...each, [name]: value } : each,
  );
  return { ...rows, [table]: changed };
}

describe('any ledger', () => {
  it('is imported without a failure, every row accounted for, and then not again', async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger, async (ledger) => {
        const { app, everything } = await givenApp();
        const path = givenOriginalLedger(ledger);
        const tried = await importFile(app, path, { dryRun: true });
        const report = await importFile(app, path);
        expect(sums(report)).toEqual(Object.values(ledger).map((rows) => rows.length));
        expect(tried).toEqual({ ...report, dryRun: true });
        const before = everything();
        const again = await importFile(app, path);
        expect(sums(again)).toEqual(sums(report));
        expect(again.agents).toMatchObject({ imported: 0, skipped: report.agents.imported });
        expect(everything()).toEqual(before);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('makes no agent look better by what is unclear in it', async () => {
    let [eligible, lost] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(brink, dirt), { minLength: 100, maxLength: 100 }), async (pairs) => {
        const { app } = await givenApp();
        const given = pairs.flatMap(([agent, spoil], n) => [
          rowsOf(`clean-${String(n)}`, agent),
          dirtied(rowsOf(`dirty-${String(n)}`, agent), spoil),
        ]);
        const all = (table: string) => given.flatMap((rows) => Reflect.get(rows, table) as GivenRow[]);
        await importFile(
          app,
          givenOriginalLedger({
            agent_metrics: all('agent_metrics'),
            agent_actions: all('agent_actions'),
            violations: all('violations'),
          }),
        );
        for (const asOf of [-10 * DAY, 0, 5 * DAY, 20 * DAY]) {
          const evaluations = await evaluationsAt(app, NOW + asOf);
          for (const [n, pair] of pairs.entries()) {
            const [clean, dirty] = ['clean', 'dirty'].map(
              (kind) => evaluations.get(`${kind}-${String(n)}`)?.status,
            );
            const [was, is] = [clean, dirty].map((status) => status !== undefined && isEligible(status));
            eligible += was === true ? 1 : 0;
            lost += was === true && is !== true ? 1 : 0;
            expect([pair, asOf, is === true && was !== true]).toEqual([pair, asOf, false]);
          }
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
    expect(eligible).toBeGreaterThan(100);
    expect(lost).toBeGreaterThan(10);
  });
});
