import { describe, expect, it } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { ANN } from '../../support/given-principal.ts';
import { givenAction, givenRun, givenViolation, record } from '../../support/given-runs.ts';
import { givenDatabase, givenLedger, givenServer, givenTokens } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

/** `eve` has earned T3 and waits for people, `bob` T1, and `mallory` has broken a rule. */
async function story(app: App): Promise<void> {
  const now = app.clock.now();
  await givenEligible(app, 'eve', 'T2');
  await givenEligible(app, 'bob');
  const violations = [givenViolation(now)];
  const actions = [givenAction('generate_plan', now)];
  await record(app, [givenRun(now, { agentId: 'mallory', owner: 'olga', actions, violations })]);
}

/** A command that asks as ann. */
async function given(past: (app: App) => Promise<unknown> = () => Promise.resolve()) {
  const where = { ...(await givenDatabase(past)), ...givenTokens(), TIERKEEPER_TOKEN: 't-ann' };
  return (...args: readonly string[]) => piped(args, where);
}

/** What differs between two answers that say the same: the instant at which they were given. */
const timeless = (text: string) => text.replaceAll(/"(evaluatedAt|eligibleAt)":"[^"]+"/g, '');

describe('what the ledger says', () => {
  it('reads the same in this process and from a server', async () => {
    const database = await givenDatabase(story);
    const tokens = { ...givenTokens(), TIERKEEPER_TOKEN: 't-ann' };
    const { remote } = await givenServer({ ...database, ...tokens });
    for (const args of [
      ['eligible'],
      ['evaluate', 'eve'],
      ['history', '--agent-id', 'bob', '--limit', '2'],
      ['requirements', '--tier', 't3'],
    ]) {
      const [there, here] = await Promise.all(
        [remote, database].map((where) => piped([...args, '--json'], { ...tokens, ...where })),
      );
      expect([there?.code, there?.stderr, here?.code, here?.stderr]).toEqual([0, '', 0, '']);
      expect(timeless(there?.stdout ?? '')).toBe(timeless(here?.stdout ?? '-'));
    }
  });
});

describe('the command', () => {
  it('eligible lists who waits, longest first, and whether the caller may approve', async () => {
    const ask = await given(story);
    const { code, stdout } = await ask('eligible');
    const [head = '', eve = '', bob = '', ...rest] = stdout.trimEnd().split('\n');
    expect([code, rest]).toEqual([0, []]);
    expect(head).toMatch(/^AGENT +STEP +STATUS +WAITING +OWNER +YOU$/);
    expect(eve).toMatch(/^eve +T2 → T3 +PENDING_REVIEW +.+ UTC +– +can approve$/);
    expect(bob).toMatch(/^bob +T0 → T1 +ELIGIBLE +.+ UTC +– +can approve$/);
    const { json } = await ask('eligible', '--json');
    expect(json()).toMatchObject({ totalCount: 2, agents: [{ agentId: 'eve' }, { agentId: 'bob' }] });
  });

  it('evaluate shows each requirement, what to do, and how it was at another instant', async () => {
    const ask = await given(story);
    const { code, stdout } = await ask('evaluate', 'mallory');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mallory {2}T0 → T1 {2}NOT_ELIGIBLE\nowner olga · at T0 since /);
    expect(stdout).toMatch(/✗ {2}5 compliant runs +0 of 5\n/);
    expect(stdout).toMatch(/✓ {2}an action of type generate_plan in the last 30 days +1 of 1\n/);
    expect(stdout).toMatch(/✗ {2}no violations in the last 30 days +1, at most 0\n/);
    expect(stdout).toMatch(/evidence {2}[0-9a-f]{64}\n$/);
    const past = await ask('evaluate', 'eve', '--json', '--as-of', '2020-01-01T00:00:00Z');
    expect(past.json()).toMatchObject({
      agentId: 'eve',
      evaluation: { status: 'NOT_ELIGIBLE', currentTier: 'T0' },
    });
    const wrong = await ask('evaluate', 'eve', '--as-of', 'yesterday');
    expect(wrong.stderr).toContain('2026-06-30T12:00:00Z, not "yesterday". (BAD_USER_INPUT)');
    expect(wrong.code).toBe(2);
  });

  it('history lists tier changes, the newest first, as many as asked for', async () => {
    const ask = await given(async (app) => {
      const now = app.clock.now();
      const agents = Array.from({ length: 25 }, (_, index) => `agent-${index}`);
      await record(
        app,
        agents.map((agentId) => givenRun(now, { agentId })),
      );
      await givenEligible(app, 'bob');
      await promote(app, ANN, 'bob', { rationale: 'Worked\n  carefully.' });
    });
    const { stdout } = await ask('history', '--limit', '3');
    const [head, newest, ...rest] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^WHEN +AGENT +CHANGE +BY +WHY$/);
    expect(newest).toMatch(/ UTC +bob +T0 → T1 +promoted +ann +Worked carefully\.$/);
    expect(rest.at(-1)).toBe('… and 24 earlier ones');
    const { json } = await ask('history', '--limit', '26', '--json');
    const { totalCount, entries } = json() as { totalCount: number; entries: readonly { seq: number }[] };
    expect([totalCount, entries.length, new Set(entries.map(({ seq }) => seq)).size]).toEqual([27, 26, 26]);
  });

  it('requirements says what each step asks, and that none leaves T4', async () => {
    const ask = await given();
    const { stdout } = await ask('requirements', '--tier', 'T3');
    expect(stdout).toContain('T3 → T4  From bounded changes to full trust.  people must review it\n');
    expect(stdout).toContain('approval by 1 reviewer and 1 admin\n');
    const top = await ask('requirements', '--tier', 'T4');
    expect(top.stdout).toContain('No step leaves T4: it is the highest one.');
    const { json } = await ask('requirements', '--json');
    expect(json()).toMatchObject({ policy: { name: 'baseline' }, steps: [{}, {}, {}, { toTier: 'T4' }] });
    expect((await ask('eligible')).stdout).toBe('No agent is waiting for a promotion.\n');
    expect((await ask('history')).stdout).toBe('No tier has changed yet.\n');
  });

  it.each([
    ['evaluate', 'nobody'],
    ['promote', 'nobody'],
    ['history', '--agent-id', 'nobody'],
  ])('%s %s refuses an agent that is not there', async (...args) => {
    const { code, json } = await piped([...args, '--json'], await givenLedger());
    expect(json()).toMatchObject({ error: { code: 'AGENT_NOT_FOUND', agentId: 'nobody' } });
    expect(code).toBe(1);
  });
});
