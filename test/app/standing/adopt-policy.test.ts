import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData, type Policy } from '../../../src/governance/policy.ts';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, HandClock, HOUR, openedEngine } from '../../support/given-engine.ts';
import { ANN, BEN } from '../../support/given-principal.ts';
import { givenReport, givenRun, record, report } from '../../support/given-runs.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import type { App } from '../../../src/app/app.ts';

/** The built-in policy with another first step. */
function changed(step: Partial<Policy['steps'][number]>): Policy {
  const [first, ...rest] = baseline.steps;
  return parsePolicy({ ...policyData(baseline), name: 'changed', steps: [{ ...first, ...step }, ...rest] });
}

const TWO_PEOPLE = changed({ needs: [{ role: 'REVIEWER', count: 2 }] });
const MORE_RUNS = changed({ requirements: [{ kind: 'COMPLIANT_RUNS', atLeast: 60, since: 'LIFETIME' }] });

/** Lets a story happen under the built-in policy, then opens the same file under another one. */
async function adopted(policy: Policy, story: (app: App, clock: HandClock) => Promise<unknown>) {
  const file = join(tempFolder(), 'tierkeeper.db');
  const clock = new HandClock();
  const { engine, close } = await openedEngine({ file, clock, policy: baseline });
  await story(engine.app, clock);
  const { seq } = await engine.app.store.reader.head();
  await close();
  const given = await givenEngine({ file, clock, policy, adoptPolicy: true });
  const entries = await given.app.store.reader.entriesAfter(seq, 1_000);
  return { ...given, entries };
}

describe('another policy than the one in force', () => {
  it('is refused, with both and what to do, and changes nothing', async () => {
    const { app, file, clock } = await givenEngine();
    const before = await app.store.reader.head();
    const opening = openedEngine({ file, clock, policy: TWO_PEOPLE });
    await expect(opening).rejects.toThrow(
      `The policy in force is baseline (${baseline.digest.slice(0, 12)}), but changed (${TWO_PEOPLE.digest.slice(0, 12)}) is configured. Configure the policy in force again, or put the new one in force: tierkeeper serve --adopt-policy. To see first who would lapse and who would gain: tierkeeper serve --adopt-policy --dry-run`,
    );
    expect(await app.store.reader.head()).toEqual(before);
  });

  it('is adopted if so asked: an entry names both, and old ones are read by their digest', async () => {
    const { app, entries } = await adopted(TWO_PEOPLE, () => Promise.resolve());
    expect(entries).toMatchObject([
      { type: 'POLICY_ADOPTED', payload: { policy: TWO_PEOPLE.digest, previous: baseline.digest } },
    ]);
    expect((await app.store.reader.head()).policyDigest).toBe(TWO_PEOPLE.digest);
    expect(await app.store.reader.policy(baseline.digest)).toEqual(baseline);
  });

  it('is adopted once: asking again, and going back to an earlier one, are no second and one more entry', async () => {
    const { app, file, clock } = await adopted(TWO_PEOPLE, () => Promise.resolve());
    const open = async (policy: Policy) =>
      (await openedEngine({ file, clock, policy, adoptPolicy: true })).close();
    await open(TWO_PEOPLE);
    await open(baseline);
    await open(TWO_PEOPLE);
    const found = await app.store.reader.entriesAfter(0, 10, 'POLICY_ADOPTED');
    expect(found.map(({ payload }) => ('policy' in payload ? payload.policy : null))).toEqual(
      [baseline, TWO_PEOPLE, baseline, TWO_PEOPLE].map(({ digest }) => digest),
    );
  });
});

describe('adopting a policy', () => {
  it('ends candidacies whose step changed, with their votes, and opens them anew if the agent still meets it', async () => {
    const { app, entries } = await adopted(TWO_PEOPLE, (app) => givenEligible(app));
    const [adoption] = entries;
    expect(entries).toMatchObject([
      { type: 'POLICY_ADOPTED' },
      { type: 'ELIGIBILITY_LOST', agentId: 'eve', payload: { cause: adoption?.seq, status: 'ELIGIBLE' } },
      { type: 'AGENT_BECAME_ELIGIBLE', agentId: 'eve', payload: { policy: TWO_PEOPLE.digest } },
    ]);
    expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'APPROVED' });
    expect(await promote(app, BEN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });

  it('lapses votes that were given for the step as it was', async () => {
    const file = join(tempFolder(), 'tierkeeper.db');
    const clock = new HandClock();
    const first = await openedEngine({ file, clock, policy: TWO_PEOPLE });
    await givenEligible(first.engine.app);
    expect(await promote(first.engine.app, ANN, 'eve')).toMatchObject({ kind: 'APPROVED' });
    await first.close();
    const three = changed({ needs: [{ role: 'REVIEWER', count: 3 }] });
    const { app } = await givenEngine({ file, clock, policy: three, adoptPolicy: true });
    const { candidacy } = await agentNow(app);
    expect((await app.store.reader.votes([candidacy ?? 0])).get(candidacy ?? 0)).toEqual([]);
    expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'APPROVED' });
  });

  it('leaves candidacies whose step is the same open, with their votes', async () => {
    const { app, entries } = await adopted(TWO_PEOPLE, async (app) => {
      await givenEligible(app, 'eve', 'T3');
      await promote(app, { ...ANN, roles: ['REVIEWER'] }, 'eve');
    });
    expect(entries.map(({ type }) => type)).toEqual(['POLICY_ADOPTED']);
    const { candidacy } = await agentNow(app);
    expect((await app.store.reader.votes([candidacy ?? 0])).get(candidacy ?? 0)).toHaveLength(1);
  });

  it('costs whoever does not meet it the claim, and gives it to whoever does', async () => {
    const { app, entries } = await adopted(MORE_RUNS, (app) => givenEligible(app));
    expect(entries.map(({ type }) => type)).toEqual(['POLICY_ADOPTED', 'ELIGIBILITY_LOST']);
    expect((await agentNow(app)).status).toBe('NOT_ELIGIBLE');
    const fewer = changed({ requirements: [{ kind: 'COMPLIANT_RUNS', atLeast: 1, since: 'LIFETIME' }] });
    const other = await adopted(fewer, (app, clock) => record(app, [givenRun(clock.now())]));
    expect(other.entries.map(({ type }) => type)).toEqual(['POLICY_ADOPTED', 'AGENT_BECAME_ELIGIBLE']);
  });

  it('first settles what time had changed before, at its own instant, by the policy in force then', async () => {
    const { entries, clock } = await adopted(MORE_RUNS, async (app, clock) => {
      await record(app, [givenRun(clock.now())]);
      await report(app, givenReport(clock.now()));
      clock.advance(29 * DAY);
      await givenEligible(app);
      clock.advance(2 * DAY);
    });
    expect(entries.map(({ type, at }) => [type, clock.now() - at])).toEqual([
      ['AGENT_BECAME_ELIGIBLE', DAY - 1],
      ['POLICY_ADOPTED', 0],
      ['ELIGIBILITY_LOST', 0],
    ]);
  });

  it('evaluates every agent, also far more than are read at once', async () => {
    const agents = 1_201;
    const names = Array.from({ length: agents }, (_, index) => `agent-${String(index)}`);
    const { app, entries, clock } = await adopted(
      changed({ requirements: [{ kind: 'TIME_AT_TIER', days: 1 }] }),
      async (app, clock) => {
        for (let begin = 0; begin < agents; begin += 500)
          await record(
            app,
            names.slice(begin, begin + 500).map((agentId) => givenRun(clock.now(), { agentId })),
          );
        clock.advance(DAY + HOUR);
      },
    );
    expect(entries[0]?.type).toBe('POLICY_ADOPTED');
    const found = await app.store.reader.agents(names);
    expect([...found.values()].filter(({ status }) => status === 'ELIGIBLE')).toHaveLength(agents);
    expect([...found.values()].every(({ eligibleSince }) => eligibleSince === clock.now())).toBe(true);
  });
});
