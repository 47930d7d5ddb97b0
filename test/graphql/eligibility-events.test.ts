import { describe, expect, test } from 'vitest';
import { settleDueAgents } from '../../src/app/standing/settle.ts';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { DAY, givenEngine, START } from '../support/given-engine.ts';
import { ANN, BEN, VAL } from '../support/given-principal.ts';
import { givenReport, givenRun, givenViolation, record, report } from '../support/given-runs.ts';
import { following, type Followed } from './follow.ts';

const ELIGIBLE = `subscription ($after: String, $filter: AgentFilter) {
  event: agentBecameEligible(after: $after, filter: $filter) {
    cursor at agent { agentId tier } evaluation { status currentTier targetTier evidence } candidacy { state fromTier } } }`;
const BEGINNING = writeCursor({ seq: 0, hash: '00000000' });

/** The agents of the events that come until an agent named `end` is eligible. */
async function agentsUntilEnd(followed: Followed): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (;;) {
    const event = await followed.next();
    const agentId = event?.one('event.agent.agentId');
    if (agentId === 'end' || event === null) return found;
    found.push(agentId);
  }
}

describe('agentBecameEligible', () => {
  test('tells each agent the moment it earns a tier, with the evidence that a promotion can be bound to', async () => {
    const { app, engine } = await givenEngine();
    const followed = await following(engine, ANN, ELIGIBLE);
    await givenEligible(app);
    const [event] = await followed.take(1);
    expect(event?.one('event')).toMatchObject({
      at: new Date(START).toISOString(),
      agent: { agentId: 'eve', tier: 'T0' },
      evaluation: { status: 'ELIGIBLE', currentTier: 'T0', targetTier: 'T1' },
      candidacy: { state: 'OPEN', fromTier: 'T0' },
    });
    const expectedEvidence = event?.text('event.evaluation.evidence') ?? '';
    expect(await promote(app, ANN, 'eve', { expectedEvidence })).toMatchObject({ kind: 'PROMOTED' });
    expect((await followed.next())?.one('event.candidacy.fromTier')).toBe('T1');
  });

  test('tells what time alone gave', async () => {
    const { app, engine, clock } = await givenEngine();
    await record(app, [givenRun(START, { violations: [givenViolation(START - DAY)] })]);
    clock.advance(DAY);
    await givenEligible(app);
    const followed = await following(engine, ANN, ELIGIBLE);
    clock.instant = START + 30 * DAY + 1;
    await settleDueAgents(app);
    expect((await followed.next())?.text('event.at')).toBe(new Date(START + 30 * DAY + 1).toISOString());
  });

  test('shows the evaluation as it was, and the agent as it is', async () => {
    const { app, engine } = await givenEngine();
    await givenEligible(app, 'eve', 'T1');
    await report(app, givenReport(START));
    const followed = await following(engine, ANN, ELIGIBLE, { after: BEGINNING });
    expect((await followed.take(2)).map((event) => event.one('event'))).toMatchObject([
      {
        agent: { tier: 'T1' },
        evaluation: { status: 'ELIGIBLE', currentTier: 'T0' },
        candidacy: { state: 'PROMOTED' },
      },
      {
        agent: { tier: 'T1' },
        evaluation: { status: 'ELIGIBLE', currentTier: 'T1' },
        candidacy: { state: 'LAPSED' },
      },
    ]);
  });

  test('is filtered by what the agent was at the event, whatever became of it', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START, { agentId: 'owned_1', owner: 'olga' })]);
    await givenEligible(app, 'owned_1', 'T4');
    await givenEligible(app, 'plain', 'T2');
    await givenEligible(app, 'end', 'T3');
    const filters: [object, readonly string[]][] = [
      [{}, ['owned_1', 'owned_1', 'owned_1', 'owned_1', 'plain', 'plain', 'plain']],
      [{ agentId: ['plain', 'end'] }, ['plain', 'plain', 'plain']],
      [{ tier: ['T0', 'T3'] }, ['owned_1', 'owned_1', 'plain']],
      [{ status: ['PENDING_REVIEW'] }, ['owned_1', 'owned_1', 'plain']],
      [{ search: 'N' }, ['owned_1', 'owned_1', 'owned_1', 'owned_1', 'plain', 'plain', 'plain']],
      [
        { suspended: false, retired: null },
        ['owned_1', 'owned_1', 'owned_1', 'owned_1', 'plain', 'plain', 'plain'],
      ],
    ];
    for (const [filter, expected] of filters) {
      const followed = await following(engine, ANN, ELIGIBLE, { after: BEGINNING, filter });
      expect(await agentsUntilEnd(followed), JSON.stringify(filter)).toEqual(expected);
    }
    const owned = await following(engine, ANN, ELIGIBLE, { after: BEGINNING, filter: { owner: ['olga'] } });
    expect((await owned.take(4)).map((event) => event.one('event.evaluation.currentTier'))).toEqual([
      'T0',
      'T1',
      'T2',
      'T3',
    ]);
  });

  test('tells a reviewer, if so asked, only of agents that it can promote now', async () => {
    const { app, engine } = await givenEngine();
    await record(app, [givenRun(START, { agentId: 'mine', owner: 'ann' })]);
    await record(app, [givenRun(START, { agentId: 'seen' })], { ...ANN, roles: ['RECORDER'] });
    for (const agentId of ['mine', 'seen', 'other', 'end']) await givenEligible(app, agentId);
    const asked = { after: BEGINNING, filter: { viewerCanPromote: true } };
    expect(await agentsUntilEnd(await following(engine, ANN, ELIGIBLE, asked))).toEqual(['other']);
    expect(await agentsUntilEnd(await following(engine, BEN, ELIGIBLE, asked))).toEqual([
      'mine',
      'seen',
      'other',
    ]);
    const cannot = { ...asked, filter: { viewerCanPromote: false } };
    expect(await agentsUntilEnd(await following(engine, VAL, ELIGIBLE, cannot))).toEqual([
      'mine',
      'seen',
      'other',
    ]);
  });
});
