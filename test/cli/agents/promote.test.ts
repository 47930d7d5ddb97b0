import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { givenEligible, RATIONALE } from '../../support/given-agent.ts';
import { givenAction, givenRun, record } from '../../support/given-runs.ts';
import { givenDatabase, givenLedger, givenServer, givenTokens, tierkeeper } from '../given-cli.ts';
import { inThisProcess, piped } from '../in-this-process.ts';

/** A command as somebody. */
async function given(past: (app: App) => Promise<unknown>) {
  const where = { ...(await givenDatabase(past)), ...givenTokens() };
  return (who: 'val' | 'ann' | 'ada', ...args: readonly string[]) =>
    piped(args, { ...where, TIERKEEPER_TOKEN: `t-${who}` });
}

describe('a promotion', () => {
  it('shows the evaluation, and what came of it, here or at a server', async () => {
    const database = await givenDatabase((app) => givenEligible(app));
    const { remote } = await givenServer({ ...database, ...givenTokens() });
    const ask = (...args: readonly string[]) => tierkeeper(args, { ...remote, TIERKEEPER_TOKEN: 't-ann' });
    const { code, stdout, stderr } = await ask('promote', 'eve');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^eve {2}T0 → T1 {2}ELIGIBLE\n/);
    expect(stdout).toMatch(/✓ eve is at T1 now \(entry \d+\)\.\n/);
    const again = await ask('promote', 'eve', '--rationale', RATIONALE, '--json');
    expect(again.json()).toMatchObject({
      __typename: 'AgentPromoted',
      agent: { agentId: 'eve', tier: 'T2' },
      promotion: { fromTier: 'T1', toTier: 'T2', rationale: RATIONALE },
      evaluation: { status: 'ELIGIBLE', targetTier: 'T2' },
    });
  });

  it('that needs more people ends with 4, and a second vote of the same person with 1', async () => {
    const ask = await given((app) => givenEligible(app, 'eve', 'T3'));
    const args = ['promote', 'eve', '--rationale', RATIONALE];
    const first = await ask('ann', ...args);
    expect(first.stdout).toContain(
      'Your approval of eve counts; it is still at T3.\nFor T4 it needs 1 admin more.\n',
    );
    expect(first.code).toBe(4);
    const second = await ask('ann', ...args, '--json');
    expect(second.json()).toMatchObject({
      error: { code: 'DUPLICATE_APPROVAL', approval: { role: 'REVIEWER' } },
    });
    expect(second.code).toBe(1);
    const third = await ask('ada', ...args, '--json');
    expect(third.json()).toMatchObject({ __typename: 'AgentPromoted', agent: { tier: 'T4' } });
    expect(third.code).toBe(0);
  });

  it('that is refused ends with 1 and says why', async () => {
    const ask = await given((app) => record(app, [givenRun(app.clock.now())]));
    const viewer = await ask('val', 'promote', 'eve');
    expect(viewer.stderr).toMatch(/^error: .*reviewer or admin\. \(FORBIDDEN\)\n$/);
    expect(viewer.code).toBe(1);
    const early = await ask('ann', 'promote', 'eve', '--json');
    expect(early.json()).toMatchObject({
      error: { code: 'NOT_ELIGIBLE', evaluation: { status: 'NOT_ELIGIBLE' } },
    });
    expect(early.code).toBe(1);
  });

  it('with the key of an earlier one is refused: what was shown differs', async () => {
    const ask = await given((app) => givenEligible(app));
    const args = ['promote', 'eve', '--json', '--idempotency-key', 'k'];
    const first = await ask('ann', ...args);
    const second = await ask('ann', ...args);
    expect(first.json()).toMatchObject({ __typename: 'AgentPromoted' });
    expect(second.json()).toMatchObject({ error: { code: 'IDEMPOTENCY_CONFLICT' } });
    expect([first.code, second.code]).toEqual([0, 1]);
  });
});

describe('on a terminal', () => {
  it.each([
    ['y\n', 0, 'eve is at T1 now'],
    ['\n', 1, 'Nothing was approved.'],
    ['', 1, 'Nothing was approved.'],
  ])('%j to the question decides', async (typed, code, message) => {
    const database = await givenDatabase((app) => givenEligible(app));
    const ended = await inThisProcess(['promote', 'eve'], { ...database, NO_COLOR: '1' }, typed);
    expect(ended.shown).toContain('Approve eve from T0 to T1? [y/N]');
    expect(ended.shown).toContain(message);
    expect(ended.code).toBe(code);
  });

  it('a review asks why', async () => {
    const database = await givenDatabase((app) => givenEligible(app, 'eve', 'T2'));
    const { code, shown } = await inThisProcess(['promote', 'eve'], database, `${RATIONALE}\ny\n`);
    expect(shown).toContain('at T3');
    expect(code).toBe(0);
    const history = await inThisProcess(['history', '--limit', '1', '--json'], database);
    expect(JSON.parse(history.shown)).toMatchObject({ entries: [{ toTier: 'T3', rationale: RATIONALE }] });
  });

  it('names what was typed wrong', async () => {
    const database = { ...(await givenDatabase((app) => givenEligible(app, 'eve', 'T2'))), NO_COLOR: '1' };
    const { code, shown } = await inThisProcess(['promote', 'eve', '--yes', '--rationale', 'ok'], database);
    expect(shown).toMatch(/\nerror: --rationale has fewer than 10 characters \(VALIDATION\)\n$/);
    expect(code).toBe(2);
  });

  it('--yes asks nothing, and what is refused is not asked for', async () => {
    const database = await givenDatabase((app) => givenEligible(app));
    const sure = await inThisProcess(['promote', 'eve', '--yes'], database);
    expect(sure.shown).not.toContain('[y/N]');
    expect(sure.code).toBe(0);
    const { shown, code } = await inThisProcess(['promote', 'eve', '--url', 'http://127.0.0.1:9'], database);
    expect([code, shown.includes('[y/N]')]).toEqual([2, false]);
  });

  it('has colours, unless NO_COLOR is set', async () => {
    const database = await givenLedger();
    const coloured = await inThisProcess(['requirements', '--tier', 'T3'], database);
    const plain = await inThisProcess(['requirements', '--tier', 'T3'], { ...database, NO_COLOR: '1' });
    expect(coloured.shown).toContain('\u001B[');
    expect(plain.shown).not.toContain('\u001B[');
  });
});

it('five processes that promote one agent at once give one promotion; the others are refused, and none sees the database busy', async () => {
  const database = await givenDatabase(async (app) => {
    const now = app.clock.now();
    const actions = [givenAction('generate_plan', now)];
    await record(
      app,
      Array.from({ length: 5 }, () => givenRun(now, { actions })),
    );
  });
  const racing = Array.from({ length: 5 }, () => tierkeeper(['promote', 'eve', '--json'], database));
  const ended = await Promise.all(racing);
  expect(ended.filter(({ code }) => code === 0)).toHaveLength(1);
  const codes = ended
    .map(({ json }) => (json() as { error?: { code: string } }).error?.code)
    .filter((code) => code !== undefined);
  expect(codes).toHaveLength(4);
  for (const code of codes) expect(['STALE_EVALUATION', 'NOT_ELIGIBLE']).toContain(code);
  const { json } = await piped(['history', '--agent-id', 'eve', '--json'], database);
  expect(json()).toMatchObject({ entries: [{ toTier: 'T1' }, { toTier: 'T0' }] });
});
