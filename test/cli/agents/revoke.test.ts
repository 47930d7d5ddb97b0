import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { givenDatabase, givenServer, givenTokens, tierkeeper } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

/** A command as somebody. */
async function given(past: (app: App) => Promise<unknown>) {
  const where = { ...(await givenDatabase(past)), ...givenTokens() };
  return (who: 'val' | 'ann' | 'ada', ...args: readonly string[]) =>
    piped(args, { ...where, TIERKEEPER_TOKEN: `t-${who}` });
}

describe('a revocation', () => {
  it('says what it did and until when, here or at a server; an admin reinstates', async () => {
    const database = await givenDatabase((app) => givenEligible(app, 'eve', 'T2'));
    const { remote } = await givenServer({ ...database, ...givenTokens() });
    const lowered = await tierkeeper(['revoke', 'eve', '--to', 't1', '--reason', 'Astray.'], {
      ...remote,
      TIERKEEPER_TOKEN: 't-ann',
    });
    expect([lowered.code, lowered.stderr]).toEqual([0, '']);
    expect(lowered.stdout).toMatch(
      /✗ eve is at T1 now \(entry \d+\)\.\nIt can't be promoted before .* UTC\.\n/,
    );
    const here = (who: string, ...args: readonly string[]) =>
      piped(args, { ...database, ...givenTokens(), TIERKEEPER_TOKEN: `t-${who}` });
    const halted = await here('ann', 'revoke', 'eve', '--suspend', '--reason', 'Astray.', '--json');
    expect(halted.json()).toMatchObject({
      __typename: 'AgentRevoked',
      agent: { tier: 'T1', effectiveTier: null },
      revocation: { fromTier: 'T1', toTier: 'T1', suspended: true, reason: 'Astray.' },
    });
    const early = await here('ann', 'reinstate', 'eve', '--reason', 'Fine.', '--json');
    expect([early.code, early.json()]).toMatchObject([1, { error: { code: 'FORBIDDEN', needs: ['ADMIN'] } }]);
    const back = await here('ada', 'reinstate', 'eve', '--reason', 'Fine.');
    expect([back.code, back.stdout.split('\n')[0]]).toEqual([
      0,
      '✓ eve is no longer suspended; it is at T1.',
    ]);
    const history = await here('val', 'history', '--limit', '2');
    expect(history.stdout).toMatch(/eve +stays at T1 +revoked +ann +suspended: Astray\./);
    expect(history.stdout).toMatch(/eve +T2 → T1 +revoked +ann +Astray\./);
  });

  it.each([
    [['revoke', 'eve', '--to', 'T3', '--reason', 'Why.'], 1, 'NOT_LOWER'],
    [['revoke', 'eve', '--reason', 'Why.'], 2, 'VALIDATION'],
    [['revoke', 'eve', '--suspend'], 2, 'USAGE'],
    [['revoke', 'eve', '--to', 'T9', '--reason', 'Why.'], 2, 'USAGE'],
    [['revoke', 'ghost', '--suspend', '--reason', 'Why.'], 1, 'AGENT_NOT_FOUND'],
    [['reinstate', 'eve', '--reason', 'Why.'], 2, 'VALIDATION'],
    [['deny', 'ghost', '--rationale', 'No.'], 1, 'AGENT_NOT_FOUND'],
    [['deny', 'eve'], 2, 'USAGE'],
    [['deny', 'eve', '--rationale', 'Too soon'], 2, 'VALIDATION'],
  ] as const)('%j of an agent at T2 ends with %i, %s', async (args, code, expected) => {
    const ask = await given((app) => givenEligible(app, 'eve', 'T2'));
    const ended = await ask('ada', ...args, '--json');
    expect([ended.code, ended.json()]).toMatchObject([code, { error: { code: expected } }]);
  });

  it('names what was typed wrong', async () => {
    const ask = await given((app) => givenEligible(app, 'eve', 'T2'));
    const { stderr } = await ask('ann', 'revoke', 'eve', '--reason', 'Why.');
    expect(stderr).toBe('error: --to is missing: name a lower tier, or suspend (VALIDATION)\n');
  });
});

describe('a denial', () => {
  it('ends with 0 and says when the step opens again; a second one finds no candidacy', async () => {
    const ask = await given((app) => givenEligible(app));
    const denied = await ask('ann', 'deny', 'eve', '--rationale', 'Too early.');
    expect(denied.stdout).toMatch(
      /^✗ eve stays at T0: T1 is denied\.\nDenied; it can be promoted again from /,
    );
    expect(denied.code).toBe(0);
    const again = await ask('ann', 'deny', 'eve', '--rationale', 'Too early.', '--json');
    expect([again.code, again.json()]).toMatchObject([
      1,
      { error: { code: 'NO_CANDIDACY', evaluation: { status: 'DENIED' } } },
    ]);
    const shown = await ask('val', 'evaluate', 'eve');
    expect(shown.stdout).toMatch(/^eve {2}T0 → T1 {2}DENIED\n/);
  });
});
