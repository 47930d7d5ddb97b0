import { describe, expect, it } from 'vitest';
import { entryHash } from '../../../src/governance/ledger/chain.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { strict } from '../../../src/governance/policies/strict.ts';
import { NO_RUNS } from '../../../src/governance/run-counters.ts';
import { actionsDigest, sentDigest, violationDigest } from '../../../src/governance/run.ts';
import { NOW } from './given-app.ts';
import { CLEAN, evaluationAt, givenImport, metrics, OPERATOR } from './given-import.ts';

describe('an imported agent', () => {
  it('has its promotions, then its violations, then its base in the ledger, each at its own time', async () => {
    const { of } = await givenImport(CLEAN);
    expect(of('bob').map(({ type, at, recordedAt }) => [type, at, recordedAt])).toEqual([
      ['AGENT_PROMOTED', NOW - 99 * DAY, NOW],
      ['AGENT_PROMOTED', NOW - 50 * DAY, NOW],
      ['VIOLATION_REPORTED', NOW - 80 * DAY, NOW],
      ['VIOLATION_REPORTED', NOW - 5 * DAY, NOW],
      ['AGENT_IMPORTED', NOW, NOW],
    ]);
  });

  it('is what its row says, and of what it did at its tier nothing is known', async () => {
    const { of, record } = await givenImport(CLEAN);
    const base = of('bob').at(-1)?.seq ?? 0;
    const state = {
      agentId: 'bob',
      tier: 'T2',
      tierSince: NOW - 50 * DAY,
      suspended: false,
      counters: { totalRuns: 4, compliantRuns: 4, consecutiveCompliantRuns: 4 },
      countersAtTier: NO_RUNS,
      revocationCoolDownUntil: null,
      denialCoolDownUntil: null,
      lastTierChangeSeq: base,
      lastViolationSeq: base - 1,
    };
    expect(of('bob').at(-1)?.payload).toMatchObject({
      fromTier: null,
      toTier: 'T2',
      after: state,
      actions: { count: 1 },
    });
    expect(await record('bob')).toMatchObject({
      state,
      ownerKey: null,
      registeredAt: NOW - 99 * DAY,
      lastActiveAt: NOW - DAY,
      candidacy: null,
      status: 'NOT_ELIGIBLE',
      changesAt: NOW - 5 * DAY + 30 * DAY + 1,
    });
    expect(await record('eve')).toMatchObject({
      registeredAt: NOW - 9 * DAY,
      lastActiveAt: NOW - 3 * DAY,
      state: { tier: 'T0', tierSince: NOW, lastViolationSeq: 0 },
    });
  });

  it('that has earned the next tier is a candidate at once', async () => {
    const { of, record, rings } = await givenImport(CLEAN);
    expect(of('eve').map(({ type, at }) => [type, at])).toEqual([
      ['AGENT_IMPORTED', NOW],
      ['AGENT_BECAME_ELIGIBLE', NOW],
    ]);
    expect(await record('eve')).toMatchObject({
      status: 'ELIGIBLE',
      candidacy: of('eve')[1]?.seq,
      eligibleSince: NOW,
    });
    expect(rings()).toBe(1);
  });

  it('without any row of its own begins at the import', async () => {
    const { record } = await givenImport({ agent_metrics: [metrics('new', 0, 0)] });
    expect(await record('new')).toMatchObject({
      registeredAt: NOW,
      lastActiveAt: null,
      status: 'NOT_ELIGIBLE',
    });
  });

  it('is evaluated in the past by its imported counters, promotions and facts', async () => {
    const { app } = await givenImport(CLEAN);
    expect(await evaluationAt(app, 'eve', NOW - DAY)).toMatchObject({
      status: 'ELIGIBLE',
      currentTier: 'T0',
    });
    expect(await evaluationAt(app, 'eve', NOW - 10 * DAY)).toMatchObject({ status: 'NOT_ELIGIBLE' });
    expect(await evaluationAt(app, 'bob', NOW - 60 * DAY)).toMatchObject({ currentTier: 'T1' });
    expect(await evaluationAt(app, 'bob', NOW - 100 * DAY)).toMatchObject({ currentTier: 'T0' });
  });

  it('had been at a tier since the promotion that led there, and at its first tier for no known time', async () => {
    const { app } = await givenImport(CLEAN);
    const daysAtTier = async (ago: number) => {
      const evaluation = await evaluationAt(app, 'bob', NOW - ago * DAY, strict);
      return evaluation?.requirements.find(({ kind }) => kind === 'TIME_AT_TIER')?.actual;
    };
    expect(await Promise.all([120, 99, 96, 51, 50, 43].map(daysAtTier))).toEqual([0, 0, 3, 48, 0, 7]);
  });
});

describe('an imported ledger', () => {
  it('is chained, by the operator, behind what was there', async () => {
    const { rows } = await givenImport(CLEAN);
    const entries = rows(
      'SELECT e.*, p.id AS actor FROM ledger_entries e JOIN principals p ON p.key = actor_key ORDER BY seq',
    );
    let previous = '0'.repeat(64);
    for (const entry of entries) {
      const rest = {
        seq: entry.seq,
        at: entry.at,
        recordedAt: entry.recorded_at,
        type: entry.type,
      };
      const who = { agentId: entry.agent_id, actor: entry.actor_key, payloadText: entry.payload };
      expect(entry.previous_hash).toBe(previous);
      expect(entry.hash).toBe(entryHash(previous, { ...rest, ...who } as Parameters<typeof entryHash>[1]));
      previous = String(entry.hash);
    }
    expect(entries.slice(1).every((entry) => entry.actor === OPERATOR.id)).toBe(true);
    expect(rows('SELECT seq, hash FROM ledger_head')).toEqual([{ seq: entries.length, hash: previous }]);
  });

  it('is covered by digests: actions in time order by the base, violations each by its entry', async () => {
    const { of, rows } = await givenImport(CLEAN);
    const actions = rows(`SELECT * FROM actions WHERE agent_id = 'eve' ORDER BY position`);
    expect(actions.map((row) => [row.position, row.occurred_at, row.recorded_at])).toEqual([
      [0, NOW - 9 * DAY, NOW - 9 * DAY],
      [1, NOW - 3 * DAY, NOW - 3 * DAY],
    ]);
    const digested = actionsDigest([
      { type: 'generate_plan', decision: 'EXECUTE', success: true, occurredAt: NOW - 9 * DAY },
      { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: NOW - 3 * DAY },
    ]);
    expect(of('eve')[0]).toMatchObject({
      seq: actions[0]?.seq,
      payload: { actions: { count: 2, digest: digested } },
    });
    const [older, newer] = rows(
      `SELECT v.*, t.digest FROM violations v LEFT JOIN texts t ON t.id = description_id ORDER BY seq`,
    );
    const description = { id: String(newer?.description_id), digest: String(newer?.digest) };
    expect(of('bob')[2]).toMatchObject({
      seq: older?.seq,
      payload: {
        run: null,
        digest: violationDigest('bob', {
          type: 'rollback',
          severity: 'HIGH',
          occurredAt: NOW - 80 * DAY,
          description: null,
        }),
      },
    });
    expect(of('bob')[3]?.payload).toEqual({
      run: null,
      digest: violationDigest('bob', {
        type: 'scope',
        severity: 'LOW',
        occurredAt: NOW - 5 * DAY,
        description,
      }),
    });
  });

  it('keeps free texts and people out of the chain', async () => {
    const { of, rows } = await givenImport(CLEAN);
    const texts = rows('SELECT * FROM texts ORDER BY body');
    expect(texts.map((text) => text.body)).toEqual(['private', 'well done']);
    for (const text of texts) expect(text.digest).toBe(sentDigest(String(text.salt), text.body));
    expect(JSON.stringify(rows('SELECT payload FROM ledger_entries'))).not.toMatch(
      /private|well done|dana|lee|pat/,
    );
    const dana = rows(`SELECT key FROM principals WHERE id = 'dana'`)[0]?.key;
    expect(of('bob')[1]?.payload).toEqual({
      fromTier: 'T1',
      toTier: 'T2',
      imported: { principalKey: dana, rationale: { id: texts[1]?.id, digest: texts[1]?.digest } },
    });
  });

  it('is reported in full', async () => {
    const { report } = await givenImport(CLEAN);
    const imported = (count: number) => ({ imported: count, skipped: 0, refused: 0 });
    expect(report).toEqual({
      dryRun: false,
      agents: imported(2),
      actions: imported(3),
      violations: imported(2),
      promotions: imported(2),
      problems: { total: 0, byKind: {}, listed: [] },
    });
  });
});
