import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { givenOriginalLedger } from '../support/given-original-ledger.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { fileOf, givenDatabase, givenFile, tierkeeper } from './given-cli.ts';
import { piped } from './in-this-process.ts';

const AT = '2026-01-01T00:00:00Z';
const METRICS = [
  { agent_id: 'eve', current_tier: 1, total_runs: 5, compliant_runs: 5, consecutive_compliant: 5 },
  { agent_id: 'mallory', current_tier: 9 },
];

describe('an import', () => {
  it('that is tried says what it would do, and makes no database', async () => {
    const database = await givenDatabase();
    const ledger = givenOriginalLedger({ agent_metrics: METRICS });
    const { stdout, code } = await piped(['import', ledger, '--dry-run'], database);
    expect(stdout).toContain(`Importing ${ledger} would do this:`);
    expect(stdout).toMatch(/agents +1 +0 +1\n/);
    expect([code, existsSync(fileOf(database))]).toEqual([0, false]);
  });

  it('of a file that is no ledger makes no database', async () => {
    for (const file of [givenFile('notes.txt', 'nothing of that kind'), join(tempFolder(), 'absent.db')]) {
      const database = await givenDatabase();
      const { code } = await piped(['import', file], database);
      expect([code, existsSync(fileOf(database))]).toEqual([2, false]);
    }
  });

  it.each([
    [
      'of which every agent is refused',
      [{ agent_id: 'mallory', current_tier: 9 }],
      'every agent was refused',
    ],
    ['without an agent', [], 'its table agent_metrics has no rows'],
  ])('of a file %s says that nothing could be imported, and ends with 2', async (_, metrics, reason) => {
    const database = await givenDatabase();
    const ledger = givenOriginalLedger({ agent_metrics: metrics });
    for (const flags of [['--dry-run'], []]) {
      const { stdout, code } = await piped(['import', ledger, ...flags], database);
      expect(stdout).toContain(`Nothing could be imported from ${ledger}: ${reason}`);
      expect(code).toBe(2);
    }
    const told = await piped(['import', ledger, '--json'], database);
    expect(told.json()).toMatchObject({ agents: { imported: 0, skipped: 0 } });
    expect(told.code).toBe(2);
  });

  it('says what it did and what was unclear, and that nothing is new the second time', async () => {
    const database = await givenDatabase();
    const ledger = givenOriginalLedger({
      agent_metrics: METRICS,
      violations: [{ agent_id: 'eve', timestamp: AT, severity: 'LOW', violation_type: 'scope' }],
      promotions: [{ agent_id: 'eve', timestamp: AT, from_tier: 0, to_tier: 1 }],
    });
    const { stdout, stderr, code } = await tierkeeper(['import', ledger], database);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Imported 1 agent from ${ledger}.`);
    expect(stdout).toContain('\n1 unclear: TIER_INVALID 1\n');
    expect(stdout).toMatch(/agent_metrics row 2 +mallory +\S/);
    const again = await piped(['import', ledger], database);
    expect(again.stdout).toContain(`Nothing new in ${ledger}: 1 agent of it is here already.`);
    expect(again.stdout).toContain('\n1 unclear: TIER_INVALID 1\n');
    const told = await piped(['import', ledger, '--json'], database);
    expect(told.json()).toMatchObject({
      dryRun: false,
      agents: { imported: 0, skipped: 1, refused: 1 },
      problems: { total: 2, byKind: { AGENT_EXISTS: 1, TIER_INVALID: 1 } },
    });
    expect([told.code, told.stderr]).toEqual([0, '']);
  });
});
