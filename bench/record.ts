import { join } from 'node:path';
import type { Engine } from '../src/compose/engine.ts';
import { alternate } from './alternate.ts';
import { sameAnswer, sized, takesAtMost, type Bench } from './bench.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { recordAs, runOf } from './runs.ts';

/** One action recorded and its agent re-evaluated in a large ledger, against the same in a small one. */
export const record: Bench = {
  about: 'one action recorded and re-evaluated at 4,000,000 actions, against the same at 10,000',
  run: async (folder, scale) => {
    const agents = sized(1_000, scale, 50);
    const [large, small] = [sized(4_000_000, scale, 2_000), sized(10_000, scale, 500)];
    const now = Date.now();
    const open = async (name: string, actions: number) => {
      const file = join(folder, `${name}.db`);
      await makeFleet(file, { agents, actions, now, oneIn: 10 });
      return openFleet(file);
    };
    const [inLarge, inSmall] = [await open('large', large), await open('small', small)];
    const rounds = { warmUp: sized(200, scale, 3), measured: sized(1_000, scale, 20) };
    try {
      const answers = [[], []] as [unknown[], unknown[]];
      const sides = await alternate(
        [
          { name: `at ${large}`, turn: recording(inLarge, agents, answers[0]) },
          { name: `at ${small}`, turn: recording(inSmall, agents, answers[1]) },
        ],
        rounds,
      );
      sameAnswer('outcomes', answers[0], answers[1]);
      sameAnswer('stored answers', await answersOf(inLarge), await answersOf(inSmall));
      return {
        size: `${agents} agents, ${large} actions against ${small}`,
        lines: takesAtMost(sides, 1.5),
        answer: `${answers[0].length} actions recorded, every agent's status`,
      };
    } finally {
      await inSmall.close();
      await inLarge.close();
    }
  },
};

/** Each turn takes another agent, spread over all of them. */
function recording({ app }: Engine, agents: number, answers: unknown[]) {
  let turn = 0;
  return async () => {
    turn += 1;
    const { outcomes } = await recordAs(app, [
      runOf((turn * 37) % agents, `single-${turn}`, app.clock.now()),
    ]);
    answers.push(...outcomes.map(({ agentId, runId, status }) => [agentId, runId, status]));
  };
}

function answersOf({ database }: Engine) {
  const select = { agentId: true, tier: true, status: true };
  return database.reader.agent.findMany({ select, orderBy: { agentId: 'asc' } });
}
