import { describe, expect, test } from 'vitest';
import { givenEligible } from '../support/given-agent.ts';
import { DAY, givenEngine, START, type GivenEngine } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, givenViolation, record, report } from '../support/given-runs.ts';
import { ask } from './ask.ts';

const iso = (instant: number) => new Date(instant).toISOString();

/** Walks a list of eve's, newest first, and gives the values of one field. */
async function walk(
  { engine }: GivenEngine,
  list: string,
  field: string,
  args = '',
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let after: string | null = null; ;) {
    const page = await ask(
      engine,
      ANN,
      `query ($after: String) { agent(agentId: "eve") { list: ${list}(first: 4, after: $after ${args}) {
        nodes { ${field} } edges { cursor node { ${field} } } pageInfo { hasNextPage endCursor } totalCount } } }`,
      { after },
    );
    expect(page.codes).toEqual([]);
    expect(page.all(`agent.list.edges.node.${field}`)).toEqual(page.all(`agent.list.nodes.${field}`));
    found.push(...page.all(`agent.list.nodes.${field}`));
    if (page.one('agent.list.pageInfo.hasNextPage') !== true) {
      expect(page.one('agent.list.totalCount')).toBe(found.length);
      return found;
    }
    after = page.text('agent.list.pageInfo.endCursor');
  }
}

describe('the runs of an agent', () => {
  test('come newest record first, each exactly once, and filtered', async () => {
    const given = await givenEngine();
    const runs = Array.from({ length: 11 }, (_, index) =>
      givenRun(START - index * DAY, {
        runId: `r${index}`,
        actions:
          index % 3 === 0 ? [givenAction('terraform_plan', START), givenAction('terraform_plan', START)] : [],
        violations: index % 4 === 0 ? [givenViolation(START)] : [],
      }),
    );
    await record(
      given.app,
      runs.flatMap((run) => [run, givenRun(START, { agentId: 'bob' })]),
    );
    const ids = runs.map(({ runId }) => runId).reverse();
    const some = (matches: (index: number) => boolean) => ids.filter((id) => matches(Number(id.slice(1))));
    expect(await walk(given, 'runs', 'runId')).toEqual(ids);
    const filtered: [string, (index: number) => boolean][] = [
      ['compliant: true', (index) => index % 4 !== 0],
      ['compliant: false', (index) => index % 4 === 0],
      ['actionType: "terraform_plan"', (index) => index % 3 === 0],
      ['actionType: "terraform"', () => false],
      [`from: "${iso(START - 5 * DAY)}"`, (index) => index <= 5],
      [`to: "${iso(START - 5 * DAY)}"`, (index) => index >= 5],
      [`from: "${iso(START - 5 * DAY)}", to: "${iso(START - 5 * DAY)}"`, (index) => index === 5],
      ['compliant: true, actionType: "terraform_plan"', (index) => index % 3 === 0 && index % 4 !== 0],
    ];
    for (const [filter, matches] of filtered)
      expect(await walk(given, 'runs', 'runId', `, filter: { ${filter} }`), filter).toEqual(some(matches));
  });

  test('are shown with all that was sent', async () => {
    const { app, engine } = await givenEngine();
    const run = givenRun(START - DAY, {
      finishedAt: START,
      actions: [
        givenAction('b', START),
        givenAction('a', START - 1, { decision: 'ESCALATE', success: false }),
      ],
      violations: [givenViolation(START - DAY, { severity: 'HIGH', description: 'Deleted a volume.' })],
    });
    await record(app, [run]);
    const answer = await ask(
      engine,
      ANN,
      `{ agent(agentId: "eve") { runs { nodes { agentId runId startedAt finishedAt recordedAt recordedBy { id kind }
        compliant actions { type decision success occurredAt }
        violations { type severity description occurredAt countsUntil run { runId } } } } } }`,
    );
    const { runId } = run;
    expect(answer.one('agent.runs.nodes')).toEqual({
      agentId: 'eve',
      runId,
      startedAt: iso(START - DAY),
      finishedAt: iso(START),
      recordedAt: iso(START),
      recordedBy: { id: 'runner', kind: 'SERVICE' },
      compliant: false,
      actions: [
        { type: 'b', decision: 'EXECUTE', success: true, occurredAt: iso(START) },
        { type: 'a', decision: 'ESCALATE', success: false, occurredAt: iso(START - 1) },
      ],
      violations: [
        {
          type: 'scope',
          severity: 'HIGH',
          description: 'Deleted a volume.',
          run: { runId },
          occurredAt: iso(START - DAY),
          countsUntil: iso(START + 30 * DAY),
        },
      ],
    });
  });
});

describe('the violations of an agent', () => {
  test('come newest record first, each exactly once, from an instant on', async () => {
    const given = await givenEngine();
    await record(given.app, [givenRun(START)]);
    const days = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
    for (const day of days) await report(given.app, givenReport(START - day * DAY));
    const times = days.map((day) => iso(START - day * DAY)).reverse();
    expect(await walk(given, 'violations', 'occurredAt')).toEqual(times);
    expect(await walk(given, 'violations', 'occurredAt', `, from: "${iso(START - 3 * DAY)}"`)).toEqual(
      times.filter((time) => time >= iso(START - 3 * DAY)),
    );
  });

  test('count until they leave the window, and then no longer', async () => {
    const { app, engine, clock } = await givenEngine();
    await record(app, [givenRun(START)]);
    await report(app, givenReport(START - 30 * DAY));
    const until = async () =>
      (
        await ask(
          engine,
          ANN,
          '{ agent(agentId: "eve") { violations { nodes { countsUntil run { runId } } } } }',
        )
      ).one('agent.violations.nodes');
    expect(await until()).toEqual({ countsUntil: iso(START + 30 * DAY), run: null });
    clock.advance(30 * DAY);
    expect(await until()).toEqual({ countsUntil: iso(START + 30 * DAY), run: null });
    clock.advance(1);
    expect(await until()).toEqual({ countsUntil: null, run: null });
  });
});

test('the candidacies of an agent come newest first, with how each ended', async () => {
  const given = await givenEngine();
  const { app, engine } = given;
  await givenEligible(app, 'eve', 'T2');
  await report(app, givenReport(START - 40 * DAY));
  given.clock.advance(31 * DAY);
  await givenEligible(app, 'eve');
  expect(await walk(given, 'candidacies', 'state')).toEqual(['OPEN', 'LAPSED', 'PROMOTED', 'PROMOTED']);
  const answer = await ask(
    engine,
    ANN,
    `{ agent(agentId: "eve") { candidacy { state fromTier toTier closedBy { type } needs { role count } step { fromTier } }
      candidacies { nodes { fromTier toTier closedBy { type } needs { role count } approvals { principal { id } } } } } }`,
  );
  expect(answer.one('agent.candidacy')).toEqual({
    state: 'OPEN',
    fromTier: 'T2',
    toTier: 'T3',
    closedBy: null,
    step: { fromTier: 'T2' },
    needs: [{ role: 'REVIEWER', count: 1 }],
  });
  expect(answer.all('agent.candidacies.nodes').slice(1)).toEqual([
    { fromTier: 'T2', toTier: 'T3', closedBy: { type: 'ELIGIBILITY_LOST' }, needs: [], approvals: [] },
    ...['T1', 'T0'].map((fromTier) => ({
      fromTier,
      toTier: fromTier === 'T1' ? 'T2' : 'T1',
      closedBy: { type: 'AGENT_PROMOTED' },
      needs: [],
      approvals: [{ principal: { id: 'ann' } }],
    })),
  ]);
});

test('a cursor that a list did not give is refused, and so is a size out of bounds', async () => {
  const { app, engine } = await givenEngine();
  await givenEligible(app);
  const write = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
  const cursors = ['', 'x', write(['violations', 1]), write(['runs']), write(['runs', 1, 2])];
  const values = ['x', 1.5, 1e300, null, {}, [], true, '1', ''].map((value) => write(['runs', value]));
  for (const after of [...cursors, ...values]) {
    const document =
      'query ($after: String) { agent(agentId: "eve") { runs(after: $after) { totalCount } } }';
    expect((await ask(engine, ANN, document, { after })).codes, after).toEqual(['INVALID_CURSOR']);
  }
  for (const list of ['runs', 'violations', 'candidacies', 'history'])
    for (const first of [-1, 101]) {
      const document = `{ agent(agentId: "eve") { ${list}(first: ${first}) { totalCount } } }`;
      expect((await ask(engine, ANN, document)).codes).toEqual(['BAD_USER_INPUT']);
    }
});
