import { expect, test } from 'vitest';
import { settleDueAgents } from '../../src/app/standing/settle.ts';
import { agentNow, promote } from '../support/given-agent.ts';
import { DAY, givenEngine, START } from '../support/given-engine.ts';
import { ANN, BEN } from '../support/given-principal.ts';
import { givenAction, givenReport, givenRun, record, report } from '../support/given-runs.ts';
import { following } from '../graphql/follow.ts';
import { counted } from './counted.ts';

const AGENTS = Array.from({ length: 12 }, (_, index) => `agent-${index}`);

const RUNS = counted(2_000);

test(`${RUNS} runs sent twice by many at once through two engines are recorded once each, and nobody misses one`, async () => {
  const { app, file, clock, engine } = await givenEngine();
  const { app: other } = await givenEngine({ file, clock });
  const runs = Array.from({ length: RUNS }, (_, index) =>
    givenRun(START, {
      agentId: AGENTS[index % AGENTS.length] ?? '',
      actions: [givenAction('generate_plan', START)],
    }),
  );
  const followed = await following(engine, ANN, 'subscription { ledgerAppended { entry { seq } } }');
  const reading = followed.take(RUNS);
  const outcomes: string[] = [];
  // As many at once as a writer lets wait.
  for (let begin = 0; begin < runs.length; begin += 400) {
    const wave = runs.slice(begin, begin + 400);
    const sent = [...wave, ...wave].map((run, index) => record(index % 3 === 0 ? other : app, [run]));
    for (const each of await Promise.all(sent)) outcomes.push(...each.outcomes.map(({ status }) => status));
  }
  expect(outcomes.filter((status) => status === 'RECORDED')).toHaveLength(RUNS);
  expect(outcomes.filter((status) => status === 'ALREADY_RECORDED')).toHaveLength(RUNS);
  const counters = await Promise.all(
    AGENTS.map(async (agentId) => (await agentNow(app, agentId)).state.counters),
  );
  expect(counters.reduce((sum, each) => sum + each.totalRuns, 0)).toBe(RUNS);
  const seqs = (await reading).map((event) => event.one('ledgerAppended.entry.seq'));
  expect(seqs).toEqual(seqs.map((_, index) => 2 + index));
});

test('recorders, reporters, reviewers and the clock at once leave a sound ledger, in which each agent is what it should be', async () => {
  const { app, file, clock } = await givenEngine();
  const { app: other } = await givenEngine({ file, clock });
  for (let round = 0; round < 30; round += 1) {
    const work = AGENTS.flatMap((agentId, index) => {
      const at = clock.now();
      const actions = ['generate_plan', 'ansible_check', 'terraform_plan'].map((type) =>
        givenAction(type, at),
      );
      return [
        record(
          app,
          Array.from({ length: 4 }, () => givenRun(at, { agentId, actions })),
        ),
        record(other, [givenRun(at, { agentId })]),
        promote(index % 2 === 0 ? app : other, ANN, agentId),
        promote(app, BEN, agentId),
        ...(index === round % AGENTS.length ? [report(other, givenReport(at, { agentId }))] : []),
        settleDueAgents(index % 2 === 0 ? other : app),
      ];
    });
    for (const outcome of await Promise.allSettled(work))
      if (outcome.status === 'rejected')
        expect((outcome.reason as { code?: string }).code).toMatch(
          /^(NOT_ELIGIBLE|STALE_EVALUATION|AGENT_NOT_FOUND|MAXIMUM_TIER)$/,
        );
    clock.advance(2 * DAY);
  }
  await settleDueAgents(app);
  const agents = await Promise.all(AGENTS.map((agentId) => agentNow(app, agentId)));
  for (const agent of agents) expect(agent.state.counters.totalRuns).toBe(150);
});
