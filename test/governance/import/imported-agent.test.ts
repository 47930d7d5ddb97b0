import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importedAgent } from '../../../src/governance/import/imported-agent.ts';
import type { OriginalValue } from '../../../src/governance/import/imported-rows.ts';

const NOW = Date.UTC(2026, 5, 30);
const clean = {
  rowid: 1,
  agentId: 'agent-1',
  currentTier: 2,
  totalRuns: 30,
  compliantRuns: 25,
  consecutiveCompliant: 10,
  lastActiveAt: '2026-06-29 10:00:00',
} as const;
const judge = (row: Partial<Record<keyof typeof clean, OriginalValue>>) =>
  importedAgent({ ...clean, ...row, rowid: 1 }, NOW);
const kinds = (row: Parameters<typeof judge>[0]) => judge(row).problems.map((problem) => problem.kind);
const counters = (row: Parameters<typeof judge>[0]) => judge(row).fact?.counters;

describe('an agent of an original ledger', () => {
  it('is taken as it is if everything is clear', () => {
    expect(judge({})).toEqual({
      fact: {
        agentId: 'agent-1',
        tier: 'T2',
        counters: { totalRuns: 30, compliantRuns: 25, consecutiveCompliantRuns: 10 },
        lastActiveAt: Date.UTC(2026, 5, 29, 10),
      },
      problems: [],
    });
  });

  it.each([null, '', 'Agent-1', 'a b', '../sys', 'a..b', 'ägent', 'x'.repeat(64), new Uint8Array(2)])(
    'is not imported by the id %j',
    (agentId) => {
      expect(judge({ agentId }).fact).toBeNull();
      expect(kinds({ agentId })).toEqual(['AGENT_ID_INVALID']);
    },
  );

  it.each([null, -1, 5, 1.5, NaN, Infinity, '2', 'T2', new Uint8Array(1)])(
    'is not imported at the tier %j',
    (currentTier) => {
      expect(judge({ currentTier }).fact).toBeNull();
      expect(kinds({ currentTier })).toEqual(['TIER_INVALID']);
    },
  );

  it('has counted nothing where a counter is NULL, and that is no problem', () => {
    const row = { totalRuns: 4, compliantRuns: null, consecutiveCompliant: null };
    expect(counters(row)).toEqual({ totalRuns: 4, compliantRuns: 0, consecutiveCompliantRuns: 0 });
    expect(kinds(row)).toEqual([]);
  });

  it('has run as often as the larger of its other counters says where total_runs is NULL', () => {
    expect(counters({ totalRuns: null })).toEqual({
      totalRuns: 25,
      compliantRuns: 25,
      consecutiveCompliantRuns: 10,
    });
    expect(kinds({ totalRuns: null })).toEqual([]);
    expect(counters({ totalRuns: null, compliantRuns: null })).toEqual({
      totalRuns: 10,
      compliantRuns: 0,
      consecutiveCompliantRuns: 0,
    });
  });

  it.each([-1, 2.5, 2 ** 31, NaN, '17', 'many', new Uint8Array(1)])(
    'has counted nothing where a counter is %j',
    (value) => {
      expect(counters({ consecutiveCompliant: value })?.consecutiveCompliantRuns).toBe(0);
      expect(kinds({ consecutiveCompliant: value })).toEqual(['COUNTER_UNCLEAR']);
    },
  );

  it('loses what is above what it is part of', () => {
    expect(counters({ consecutiveCompliant: 31 })?.consecutiveCompliantRuns).toBe(0);
    expect(counters({ consecutiveCompliant: 26 })?.consecutiveCompliantRuns).toBe(0);
    expect(counters({ compliantRuns: 31 })).toEqual({
      totalRuns: 30,
      compliantRuns: 0,
      consecutiveCompliantRuns: 0,
    });
    expect(kinds({ consecutiveCompliant: 31 })).toEqual(['COUNTER_UNCLEAR']);
    expect(kinds({ compliantRuns: 31 })).toEqual(['COUNTER_UNCLEAR', 'COUNTER_UNCLEAR']);
  });

  it('is last active at an unknown time if that can not be read', () => {
    expect(judge({ lastActiveAt: 'yesterday' }).fact?.lastActiveAt).toBeNull();
    expect(kinds({ lastActiveAt: 'yesterday' })).toEqual(['TIME_UNREADABLE']);
    expect(kinds({ lastActiveAt: null })).toEqual([]);
  });

  it('never counts more than its row says, and never contradicts itself', () => {
    const value = fc.oneof(fc.integer(), fc.nat(50), fc.double(), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(value, value, value, (totalRuns, compliantRuns, consecutiveCompliant) => {
        const counted = counters({ totalRuns, compliantRuns, consecutiveCompliant });
        const {
          totalRuns: total = 0,
          compliantRuns: compliant = 0,
          consecutiveCompliantRuns: streak = 0,
        } = counted ?? {};
        expect(streak).toBeLessThanOrEqual(compliant);
        expect(compliant).toBeLessThanOrEqual(total);
        const known = totalRuns === null ? [compliantRuns, consecutiveCompliant] : [totalRuns];
        expect([0, ...known]).toContain(total);
        expect([0, compliantRuns]).toContain(compliant);
        expect([0, consecutiveCompliant]).toContain(streak);
      }),
    );
  });
});
