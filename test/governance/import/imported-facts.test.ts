import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importedAction } from '../../../src/governance/import/imported-action.ts';
import { shown } from '../../../src/governance/import/imported-problem.ts';
import { importedPromotion, promotionHistory } from '../../../src/governance/import/imported-promotion.ts';
import type { OriginalValue } from '../../../src/governance/import/imported-rows.ts';
import { importedViolation, violationTimes } from '../../../src/governance/import/imported-violation.ts';
import { TIERS } from '../../../src/governance/tier.ts';

type Changes = Readonly<Record<string, OriginalValue>>;
const NOW = Date.UTC(2026, 5, 30);
const AT = Date.UTC(2026, 5, 1);
const base = { rowid: 7, agentId: 'agent-1', timestamp: '2026-06-01' };
const anyValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.constant(base.timestamp),
  fc.uint8Array(),
);

const action = (changes: Changes) =>
  importedAction({ ...base, action: 'terraform_plan', decision: 'execute', success: 1, ...changes }, NOW);
const violation = (changes: Changes) =>
  importedViolation({ ...base, violationType: 'scope', severity: 'high', description: 'd', ...changes }, NOW);
const promotion = (changes: Changes) =>
  importedPromotion(
    { ...base, fromTier: 0, toTier: 1, approvedBy: 'dana', rationale: null, ...changes },
    NOW,
  );

describe('an action of an original ledger', () => {
  it('is taken as it is if everything is clear', () => {
    const fact = { type: 'terraform_plan', decision: 'EXECUTE', success: true, occurredAt: AT };
    expect(action({})).toEqual({ fact, problems: [] });
  });

  it.each([
    { decision: 'EXECUTE', expected: 'EXECUTE' },
    { decision: 'Plan', expected: 'PLAN' },
    { decision: ' deny ', expected: 'DENY' },
    { decision: 'escalate', expected: 'ESCALATE' },
    { decision: 'other', expected: 'OTHER' },
    { decision: 'APPROVE', expected: 'OTHER' },
    { decision: '', expected: 'OTHER' },
    { decision: null, expected: 'OTHER' },
    { decision: 1, expected: 'OTHER' },
  ])('with the decision $decision is a case of $expected', ({ decision, expected }) => {
    expect(action({ decision }).fact?.decision).toBe(expected);
  });

  it.each([1, '1', 'true', 'TRUE', ' true '])('succeeded if success is %j', (success) => {
    expect(action({ success }).fact?.success).toBe(true);
  });

  it.each([0, 2, -1, 1.5, null, '', 'yes', 'truely', 'false', '0', new Uint8Array([1])])(
    'did not succeed if success is %j',
    (success) => {
      expect(action({ success }).fact?.success).toBe(false);
    },
  );

  it.each([null, '', '  ', 'x'.repeat(101), 'a\0b', 5, new Uint8Array(1)])(
    'is left out with the type %j',
    (type) => {
      const { fact, problems } = action({ action: type });
      expect(fact).toBeNull();
      expect(problems).toMatchObject([
        { kind: 'ACTION_TYPE_INVALID', table: 'agent_actions', agentId: 'agent-1', rowid: 7 },
      ]);
    },
  );

  it('is left out at a time that can not be read', () => {
    expect(action({ timestamp: '2026-07-01' })).toMatchObject({
      fact: null,
      problems: [{ kind: 'TIME_UNREADABLE' }],
    });
  });
});

describe('a violation of an original ledger', () => {
  it('is taken as it is if everything is clear', () => {
    const fact = { type: 'scope', severity: 'HIGH', description: 'd', occurredAt: AT };
    expect(violation({})).toEqual({ fact, problems: [] });
    expect(violationTimes({ occurredAt: AT }, NOW)).toEqual({ occurredAt: AT, recordedAt: AT });
  });

  it.each([null, '', 'severe', 3, new Uint8Array(1)])(
    'of the severity %j is as bad as can be',
    (severity) => {
      const { fact, problems } = violation({ severity });
      expect(fact.severity).toBe('CRITICAL');
      expect(problems.map((problem) => problem.kind)).toEqual(['SEVERITY_UNKNOWN']);
    },
  );

  it('of an unknown time occurs at the import and was known from the beginning', () => {
    const { fact, problems } = violation({ timestamp: '2026-02-30' });
    expect(problems).toMatchObject([{ kind: 'TIME_UNREADABLE', table: 'violations', rowid: 7 }]);
    expect(violationTimes(fact, NOW)).toEqual({
      occurredAt: NOW,
      recordedAt: Number.MIN_SAFE_INTEGER,
    });
  });

  it('without a type is unspecified', () => {
    expect(violation({ violationType: null, description: '' }).fact).toMatchObject({
      type: 'unspecified',
      description: null,
    });
  });

  it('is never left out', () => {
    fc.assert(
      fc.property(
        anyValue,
        anyValue,
        anyValue,
        anyValue,
        (timestamp, violationType, severity, description) => {
          const { fact } = violation({ timestamp, violationType, severity, description });
          expect(fact.type).not.toBe('');
          expect(fact.type + (fact.description ?? '')).not.toContain('\0');
        },
      ),
    );
  });
});

describe('promotions of an original ledger', () => {
  it('are taken as they are if everything is clear', () => {
    const fact = { at: AT, fromTier: 'T0', toTier: 'T1', approvedBy: 'dana', rationale: null };
    expect(promotion({})).toEqual({ fact, problems: [] });
    expect(promotion({ approvedBy: ' ' }).fact?.approvedBy).toBe('unknown');
  });

  it.each([{ fromTier: null }, { toTier: 5 }, { fromTier: '0' }, { toTier: 0.5 }])(
    'are left out with %j',
    (changes) => {
      expect(promotion(changes)).toMatchObject({
        fact: null,
        problems: [{ kind: 'TIER_INVALID', table: 'promotions' }],
      });
    },
  );

  it('are left out at a time that can not be read', () => {
    expect(promotion({ timestamp: null })).toMatchObject({
      fact: null,
      problems: [{ kind: 'TIME_UNREADABLE' }],
    });
  });

  const step = (from: number, to: number, at = AT) => {
    const tiers = { fromTier: TIERS[from] ?? 'T0', toTier: TIERS[to] ?? 'T0' };
    return { at, ...tiers, approvedBy: 'dana', rationale: null };
  };

  it('add up if they go from T0 to the tier, one step each', () => {
    expect(promotionHistory([], 'T0')).toEqual({ addsUp: true, tierSince: null });
    expect(promotionHistory([step(0, 1), step(1, 2, AT + 5)], 'T2')).toEqual({
      addsUp: true,
      tierSince: AT + 5,
    });
  });

  it.each([
    ['none explains the tier', [], 'T1'],
    ['they end at another tier', [step(0, 1)], 'T2'],
    ['one is missing', [step(0, 1), step(2, 3)], 'T3'],
    ['they begin above T0', [step(1, 2), step(2, 3)], 'T3'],
    ['one skips a tier', [step(0, 2)], 'T2'],
    ['one goes down', [step(0, 1), step(1, 0)], 'T0'],
    ['one goes nowhere', [step(1, 1)], 'T1'],
    ['one stands twice', [step(0, 1), step(0, 1)], 'T1'],
  ] as const)("don't add up if %s", (_, promotions, tier) => {
    expect(promotionHistory(promotions, tier)).toEqual({ addsUp: false, tierSince: null });
  });
});

describe('a problem', () => {
  it('shows a value in one short line, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(anyValue, fc.string({ unit: 'binary-ascii', minLength: 80 })), (value) => {
        expect(shown(value).length).toBeLessThanOrEqual(9 * 61 + 2);
        expect(shown(value)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(shown(new Uint8Array(3))).toBe('a BLOB of 3 bytes');
    expect(shown(null)).toBe('NULL');
    expect(shown('\u009b2J\u202e\n')).toBe(String.raw`"\u{9b}2J\u{202e}\n"`);
  });
});
