import { describe, expect, test } from 'vitest';
import type { App } from '../../../src/app/app.ts';
import { settleDueAgents } from '../../../src/app/standing/settle.ts';
import { commandRefusal } from '../../../src/governance/command-refusal.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData } from '../../../src/governance/policy.ts';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { DAY, givenEngine, HandClock, HOUR, START } from '../../support/given-engine.ts';
import { ADA, ANN } from '../../support/given-principal.ts';
import {
  givenAction,
  givenReport,
  givenRun,
  givenViolation,
  record,
  report,
} from '../../support/given-runs.ts';
import { codeOf, entriesOf } from '../entries.ts';

/** The instant at which something that occurred then no longer counts: the edge of the window is inclusive. */
const gone = (occurredAt: number) => occurredAt + 30 * DAY + 1;

/** An agent that has earned T1 but for one violation, which was recorded as it occurred. */
interface Violating {
  readonly occurredAt: number;
  readonly agentId?: string;
  readonly plannedAt?: number;
}

/** An engine at START, whose agents have broken a rule before. */
async function givenViolations(...agents: readonly Violating[]) {
  const given = await givenEngine({ clock: new HandClock(START - 40 * DAY) });
  const { app, clock } = given;
  for (const { occurredAt, agentId = 'eve' } of agents.toSorted((a, b) => a.occurredAt - b.occurredAt)) {
    clock.instant = occurredAt;
    await record(app, [givenRun(occurredAt, { agentId, violations: [givenViolation(occurredAt)] })]);
  }
  clock.instant = START;
  for (const { agentId = 'eve', plannedAt = START } of agents) {
    const plan = givenRun(START, { agentId, actions: [givenAction('generate_plan', plannedAt)] });
    await record(app, [plan, ...Array.from({ length: 5 }, () => givenRun(START, { agentId }))]);
  }
  return given;
}

/** Every transition so far: who, what, when it happened and when it was appended. */
async function transitions(app: App) {
  const entries = [
    ...(await entriesOf(app, 'AGENT_BECAME_ELIGIBLE')),
    ...(await entriesOf(app, 'ELIGIBILITY_LOST')),
  ];
  return entries
    .sort((a, b) => a.seq - b.seq)
    .map(({ agentId, type, at, recordedAt }) => ({ agentId, type, at, recordedAt }));
}

describe('time alone gives eligibility', () => {
  test('a millisecond after the edge of the window, and not before', async () => {
    const occurredAt = START - 10 * DAY;
    const { app, clock } = await givenViolations({ occurredAt });
    const { changesAt, eligibleAt } = await agentNow(app);
    expect([changesAt, eligibleAt]).toEqual([gone(occurredAt), gone(occurredAt)]);
    clock.instant = gone(occurredAt) - 1;
    await settleDueAgents(app);
    expect(await transitions(app)).toEqual([]);
    clock.advance(1);
    await settleDueAgents(app);
    const at = gone(occurredAt);
    expect(await transitions(app)).toEqual([
      { agentId: 'eve', type: 'AGENT_BECAME_ELIGIBLE', at, recordedAt: at },
    ]);
    expect(await agentNow(app)).toMatchObject({ status: 'ELIGIBLE', eligibleSince: at });
  });

  test('by Tierkeeper’s own clock, not by whoever comes by', async () => {
    const { app, clock } = await givenViolations({ occurredAt: START });
    clock.instant = gone(START) - 1;
    await record(app, [givenRun(START, { actions: [givenAction('generate_plan', clock.now())] })]);
    clock.advance(HOUR);
    await record(app, [givenRun(START)]);
    const [opened] = await entriesOf(app, 'AGENT_BECAME_ELIGIBLE');
    const keys = await app.store.reader.knownKeys(['system:clock']);
    expect(opened).toMatchObject({ at: gone(START), actorKey: keys.get('system:clock') });
  });

  test('when enough days were spent at the tier', async () => {
    const days = { kind: 'TIME_AT_TIER', days: 3 };
    const steps = baseline.steps.map((step) => ({ ...step, requirements: [days] }));
    const policy = parsePolicy({ ...policyData(baseline), name: 'patient', steps });
    const { app, clock } = await givenEngine({ policy });
    await record(app, [givenRun(START)]);
    clock.instant = START + 3 * DAY - 1;
    expect(await codeOf(promote(app, ANN, 'eve'))).toBe('NOT_ELIGIBLE');
    clock.advance(1);
    expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
    clock.advance(3 * DAY);
    await settleDueAgents(app);
    expect(await agentNow(app)).toMatchObject({ eligibleSince: START + 6 * DAY });
  });
});

test('time alone takes eligibility away, at the instant at which the last needed fact leaves the window', async () => {
  const { app, clock } = await givenEngine();
  const { changesAt, candidacy } = await givenEligible(app, 'eve', 'T1');
  expect(changesAt).toBe(gone(START));
  clock.instant = gone(START) + 5 * DAY;
  await settleDueAgents(app);
  const [lost] = await entriesOf(app, 'ELIGIBILITY_LOST');
  expect(lost).toMatchObject({ at: gone(START), payload: { candidacy, cause: null } });
  expect(lost?.recordedAt).toBe(gone(START) + 5 * DAY);
  expect(await agentNow(app)).toMatchObject({ status: 'NOT_ELIGIBLE', candidacy: null, eligibleSince: null });
});

describe('what happened while nothing ran', () => {
  test('appears in the order in which it happened, over all agents', async () => {
    const days = (count: number) => START - count * DAY;
    const { app, clock } = await givenViolations(
      { agentId: 'last', occurredAt: days(6), plannedAt: days(1) },
      { agentId: 'first', occurredAt: days(9), plannedAt: days(7) },
      { agentId: 'second', occurredAt: days(8), plannedAt: days(5) },
    );
    const now = (clock.instant = START + 400 * DAY);
    await settleDueAgents(app);
    const [opened, lost] = ['AGENT_BECAME_ELIGIBLE', 'ELIGIBILITY_LOST'] as const;
    expect(await transitions(app)).toEqual([
      { agentId: 'first', type: opened, at: gone(days(9)), recordedAt: now },
      { agentId: 'second', type: opened, at: gone(days(8)), recordedAt: now },
      { agentId: 'first', type: lost, at: gone(days(7)), recordedAt: now },
      { agentId: 'last', type: opened, at: gone(days(6)), recordedAt: now },
      { agentId: 'second', type: lost, at: gone(days(5)), recordedAt: now },
      { agentId: 'last', type: lost, at: gone(days(1)), recordedAt: now },
    ]);
  });

  test('is every transition of one agent, gained and lost', async () => {
    const { app, clock } = await givenViolations({ occurredAt: START - 20 * DAY });
    clock.instant = START + 90 * DAY;
    await settleDueAgents(app);
    const opened = START + 10 * DAY + 1;
    expect((await transitions(app)).map(({ type, at }) => [type, at])).toEqual([
      ['AGENT_BECAME_ELIGIBLE', opened],
      ['ELIGIBILITY_LOST', gone(START)],
    ]);
    const [candidacy] = await entriesOf(app, 'AGENT_BECAME_ELIGIBLE');
    const [lost] = await entriesOf(app, 'ELIGIBILITY_LOST');
    expect(lost?.payload.candidacy).toBe(candidacy?.seq);
    expect(await agentNow(app)).toMatchObject({ status: 'NOT_ELIGIBLE', changesAt: null });
  });

  test('appears before the command that finds it, of whatever kind that is', async () => {
    const commands = [
      (app: App) => record(app, [givenRun(START)]),
      (app: App) => report(app, givenReport(START)),
      (app: App) => promote(app, ANN, 'eve'),
    ];
    for (const command of commands) {
      const { app, clock } = await givenEngine();
      await givenEligible(app, 'eve', 'T1');
      clock.instant = START + 60 * DAY;
      const { seq } = await app.store.reader.head();
      await command(app).catch(() => undefined);
      const [first] = await app.store.reader.entriesAfter(seq, 1);
      expect(first).toMatchObject({ type: 'ELIGIBILITY_LOST', at: gone(START), agentId: 'eve' });
    }
  });

  test('is settled once, however many ask', async () => {
    const { app, engine, clock } = await givenViolations({ occurredAt: START - DAY });
    clock.instant = gone(START - DAY);
    await Promise.all([
      ...Array.from({ length: 8 }, () => settleDueAgents(app)),
      ...Array.from({ length: 8 }, () => engine.contextFor(ANN)),
      record(app, [givenRun(START)]),
    ]);
    expect(await transitions(app)).toHaveLength(1);
  });

  test('leaves a vote that was cast before it without effect', async () => {
    const { app, clock } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await report(app, givenReport(START));
    await record(
      app,
      Array.from({ length: 25 }, () => givenRun(START)),
    );
    clock.instant = gone(START);
    expect(await promote(app, ADA, 'eve')).toMatchObject({ kind: 'APPROVED' });
    expect(await transitions(app)).toMatchObject([
      ...Array.from({ length: 4 }, () => ({ type: 'AGENT_BECAME_ELIGIBLE', at: START })),
      { type: 'ELIGIBILITY_LOST', at: START },
      { type: 'AGENT_BECAME_ELIGIBLE', at: gone(START) },
    ]);
  });
});

test('a read settles first: no answer shows a status that is past', async () => {
  const { app, engine, clock } = await givenViolations({ agentId: 'bob', occurredAt: START - DAY });
  await givenEligible(app, 'eve', 'T1');
  clock.instant = gone(START - DAY);
  const { prisma } = await engine.contextFor(ANN);
  const rows = () => prisma.agent.findMany({ orderBy: { agentId: 'asc' }, select: { status: true } });
  expect(await rows()).toEqual([{ status: 'ELIGIBLE' }, { status: 'ELIGIBLE' }]);
  clock.instant = gone(START);
  await engine.contextFor(ANN);
  expect(await rows()).toEqual([{ status: 'NOT_ELIGIBLE' }, { status: 'NOT_ELIGIBLE' }]);
});

test('a clock that goes back neither reorders the ledger nor undoes what it gave', async () => {
  const { app, engine, clock } = await givenEngine();
  await givenEligible(app, 'eve');
  clock.advance(-HOUR);
  await record(app, [givenRun(START - HOUR)]);
  const { load, now } = await engine.contextFor(ANN);
  expect((await load.evaluation.load({ agentId: 'eve', asOf: now })).status).toBe('ELIGIBLE');
  expect(commandRefusal('PROMOTE_AGENT', await load.commandCase.load('eve'))).toBeNull();
  expect(await promote(app, ANN, 'eve')).toMatchObject({ kind: 'PROMOTED' });
});
