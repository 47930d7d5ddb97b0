import { describe, expect, it } from 'vitest';
import { givenOriginalLedger } from '../support/given-original-ledger.ts';
import { givenDatabase, tierkeeper } from './given-cli.ts';

const AT = '2026-01-01T00:00:00Z';

describe('an import', () => {
  it('says what it did, what was unclear, and that nothing is new the second time', async () => {
    const database = await givenDatabase();
    const ledger = givenOriginalLedger({
      agent_metrics: [
        { agent_id: 'eve', current_tier: 1, total_runs: 5, compliant_runs: 5, consecutive_compliant: 5 },
        { agent_id: 'mallory', current_tier: 9 },
      ],
      violations: [{ agent_id: 'eve', timestamp: AT, severity: 'LOW', violation_type: 'scope' }],
    });
    const dry = await tierkeeper(['import', ledger, '--dry-run'], database);
    expect(dry.stdout).toContain(`Importing ${ledger} would do this:`);
    expect(dry.stdout).toMatch(/agents +1 +0 +1\n/);
    const { stdout, stderr, code } = await tierkeeper(['import', ledger], database);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Imported 1 agents from ${ledger}.`);
    expect(stdout).toMatch(/unclear: .*TIER_INVALID 1/);
    expect(stdout).toMatch(/agent_metrics row 2 +mallory +\S/);
    const again = await tierkeeper(['import', ledger, '--json'], database);
    expect(again.json()).toMatchObject({ dryRun: false, agents: { imported: 0, skipped: 1, refused: 1 } });
    expect([again.code, again.stderr]).toEqual([0, '']);
  });
});
