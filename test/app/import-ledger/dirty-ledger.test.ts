import { describe, expect, it } from 'vitest';
import type { ImportTally } from '../../../src/app/import-ledger/import-report.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { NOW } from './given-app.ts';
import { evaluationAt, givenImport, iso, metrics, plan } from './given-import.ts';

const tally = (imported: number, refused: number): ImportTally => ({ imported, skipped: 0, refused });
const violation = (agent_id: string, timestamp: string | null) => ({ agent_id, timestamp, severity: 'low' });
const promotion = (agent_id: string, ago: number, from_tier: number, to_tier: number) => ({
  agent_id,
  timestamp: iso(ago),
  from_tier,
  to_tier,
  approved_by: 'dana',
});

describe('what is unclear in a ledger', () => {
  it('about an agent keeps it out, with all its rows', async () => {
    const { report, rows } = await givenImport({
      agent_metrics: [
        metrics('good', 0, 1),
        metrics('Bad Id', 0, 1),
        metrics('twice', 0, 1),
        metrics('twice', 1, 1),
        { agent_id: 'tierless', current_tier: 'T2' },
        { agent_id: null, current_tier: 1 },
      ],
      agent_actions: ['good', 'Bad Id', 'twice', 'tierless', 'nobody', null].map((agent_id) => ({
        ...plan('', DAY),
        agent_id,
      })),
      violations: [violation('twice', iso(0)), violation('nobody', iso(0))],
      promotions: [promotion('tierless', DAY, 0, 1), promotion('nobody', DAY, 0, 1)],
    });
    expect(report).toMatchObject({
      agents: tally(1, 5),
      actions: tally(1, 5),
      violations: tally(0, 2),
      promotions: tally(0, 2),
      problems: { byKind: { AGENT_ID_INVALID: 2, AGENT_TWICE: 2, TIER_INVALID: 1, ORPHAN: 4 } },
    });
    expect(rows('SELECT agent_id FROM agents')).toEqual([{ agent_id: 'good' }]);
    expect(rows('SELECT agent_id FROM actions')).toEqual([{ agent_id: 'good' }]);
  });

  it('about an action leaves it out', async () => {
    const { report, rows } = await givenImport({
      agent_metrics: [metrics('eve', 0, 9)],
      agent_actions: [
        { ...plan('eve', 0), timestamp: '2026-02-30' },
        { ...plan('eve', 0), timestamp: iso(-1) },
        { ...plan('eve', 0), action: null },
        { ...plan('eve', 0), action: 'x'.repeat(101) },
        { ...plan('eve', 0), decision: 'guess', success: 'maybe' },
      ],
    });
    expect(report.actions).toEqual(tally(1, 4));
    expect(report.problems.byKind).toEqual({ TIME_UNREADABLE: 2, ACTION_TYPE_INVALID: 2 });
    expect(report.problems.listed[0]).toEqual({
      kind: 'TIME_UNREADABLE',
      table: 'agent_actions',
      agentId: 'eve',
      rowid: 1,
      message: `The time "2026-02-30" can't be read; the action is left out.`,
    });
    expect(rows('SELECT position, decision, success, occurred_at FROM actions')).toEqual([
      { position: 0, decision: 'OTHER', success: 0, occurred_at: NOW },
    ]);
  });

  it.each(['soon', null, iso(-DAY), '2026-06-31'])(
    'about the time of a violation (%j) makes it count at every instant until the window has passed after the import',
    async (timestamp) => {
      const { app, of, record, report } = await givenImport({
        agent_metrics: [metrics('eve', 0, 9)],
        agent_actions: [plan('eve', DAY), plan('eve', 28 * DAY)],
        violations: [violation('eve', timestamp)],
      });
      expect(report.problems.byKind).toEqual({ TIME_UNREADABLE: 1 });
      expect(of('eve').map(({ type, at }) => [type, at])).toEqual([
        ['VIOLATION_REPORTED', NOW],
        ['AGENT_IMPORTED', NOW],
      ]);
      expect(await record('eve')).toMatchObject({ status: 'NOT_ELIGIBLE', registeredAt: NOW - 28 * DAY });
      for (const asOf of [-40_000 * DAY, -300 * DAY, -40 * DAY, -DAY, -1, 0, DAY, 30 * DAY]) {
        const evaluation = await evaluationAt(app, 'eve', NOW + asOf);
        const violations = evaluation?.requirements.find((requirement) => requirement.kind === 'VIOLATIONS');
        expect([asOf, violations?.actual]).toEqual([asOf, 1]);
      }
      const after = await evaluationAt(app, 'eve', NOW + 30 * DAY + 1);
      expect(after?.requirements.find(({ kind }) => kind === 'VIOLATIONS')).toMatchObject({
        actual: 0,
        met: true,
      });
    },
  );

  it('about the severity of a violation makes it critical', async () => {
    const { report, rows } = await givenImport({
      agent_metrics: [metrics('eve', 0, 9)],
      violations: [
        { agent_id: 'eve', timestamp: iso(1), violation_type: null, severity: 'dire', description: 'nul\0' },
        { agent_id: 'eve', timestamp: iso(2), violation_type: 'scope', severity: null },
      ],
    });
    expect(report.problems.byKind).toEqual({ SEVERITY_UNKNOWN: 2 });
    expect(
      rows('SELECT type, severity, body FROM violations LEFT JOIN texts ON id = description_id ORDER BY seq'),
    ).toEqual([
      { type: 'scope', severity: 'CRITICAL', body: null },
      { type: 'unspecified', severity: 'CRITICAL', body: 'nul\uFFFD' },
    ]);
  });

  it('about counters counts as nothing', async () => {
    const { record, report } = await givenImport({
      agent_metrics: [
        { agent_id: 'a', current_tier: 0, total_runs: 5, compliant_runs: 9, consecutive_compliant: 9 },
        { agent_id: 'b', current_tier: 0, total_runs: null, compliant_runs: -1, consecutive_compliant: 0.5 },
      ],
    });
    expect(report.problems.byKind).toEqual({ COUNTER_UNCLEAR: 4 });
    expect((await record('a'))?.state.counters).toEqual({
      totalRuns: 5,
      compliantRuns: 0,
      consecutiveCompliantRuns: 0,
    });
    expect((await record('b'))?.state.counters).toEqual({
      totalRuns: 0,
      compliantRuns: 0,
      consecutiveCompliantRuns: 0,
    });
  });

  it('about promotions keeps them as history, and the agent has its tier since the import', async () => {
    const { of, record, report } = await givenImport({
      agent_metrics: ['gap', 'down', 'none', 'unread', 'fine'].map((agent_id) => metrics(agent_id, 2, 1)),
      promotions: [
        promotion('gap', 9 * DAY, 0, 1),
        promotion('gap', 2 * DAY, 2, 3),
        promotion('down', 9 * DAY, 3, 2),
        promotion('fine', 2 * DAY, 1, 2),
        promotion('fine', 9 * DAY, 0, 1),
        promotion('unread', 9 * DAY, 0, 1),
        { ...promotion('unread', 0, 1, 2), timestamp: 'later' },
        promotion('fine', 2 * DAY, 1, 7),
      ],
    });
    expect(report.promotions).toEqual(tally(6, 2));
    expect(report.problems.byKind).toEqual({ PROMOTIONS_UNCLEAR: 4, TIME_UNREADABLE: 1, TIER_INVALID: 1 });
    for (const agentId of ['gap', 'down', 'none', 'unread'])
      expect((await record(agentId))?.state).toMatchObject({ tier: 'T2', tierSince: NOW });
    expect((await record('fine'))?.state).toMatchObject({ tier: 'T2', tierSince: NOW - 2 * DAY });
    expect(of('down')[0]).toMatchObject({ at: NOW - 9 * DAY, payload: { fromTier: 'T3', toTier: 'T2' } });
  });

  it('about tables and columns that are missing is told', async () => {
    const { report } = await givenImport({
      agent_metrics: [{ agent_id: 'eve', current_tier: 0 }],
      agent_actions: [{ agent_id: 'eve', timestamp: iso(0), action: 'generate_plan' }],
      without: ['violations', 'promotions', 'agent_actions.decision', 'agent_metrics.total_runs'],
    });
    expect(report.problems.listed.map(({ message }) => message)).toEqual([
      'The ledger has no column agent_metrics.total_runs; it counts as NULL.',
      'The ledger has no column agent_actions.decision; it counts as NULL.',
      'The ledger has no table violations; it counts as empty.',
      'The ledger has no table promotions; it counts as empty.',
    ]);
    expect(report).toMatchObject({ agents: tally(1, 0), actions: tally(1, 0) });
  });

  it('is counted in full, though only a thousand problems of a kind are listed, and none hides another kind', async () => {
    const { report } = await givenImport({
      agent_metrics: [metrics('eve', 1, 9)],
      agent_actions: Array.from({ length: 1_500 }, () => plan('nobody', 0)),
    });
    expect(report.problems).toMatchObject({ total: 1_501, byKind: { ORPHAN: 1_500, PROMOTIONS_UNCLEAR: 1 } });
    const listed = report.problems.listed.map(({ kind }) => kind);
    expect(listed).toHaveLength(1_001);
    expect(listed).toContain('PROMOTIONS_UNCLEAR');
  });
});
