import { join } from 'node:path';
import { alternate } from './alternate.ts';
import { sameAnswer, sized, takesAtMost, type Bench } from './bench.ts';
import { eligiblePage } from './eligible-agents.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet } from './fleet/open-fleet.ts';

const NOW = Date.UTC(2026, 5, 30, 12);
const SIZE = 50;

/** One page of the eligible agents in a large fleet, against the same in a small one. */
export const page: Bench = {
  about: '50 eligible agents of 10,000 with 1,000,000 actions, against 50 of 1,000 with 100,000',
  run: async (folder, scale) => {
    const large = { agents: sized(10_000, scale, 600), actions: sized(1_000_000, scale, 6_000) };
    const small = { agents: sized(1_000, scale, 500), actions: sized(100_000, scale, 5_000) };
    const open = async (name: string, fleet: typeof large) => {
      const file = join(folder, `${name}.db`);
      await makeFleet(file, { ...fleet, now: NOW, oneIn: 10 });
      return openFleet(file, { now: () => NOW });
    };
    const [inLarge, inSmall] = [await open('large', large), await open('small', small)];
    try {
      const { nodes } = await eligiblePage(inLarge, SIZE);
      sameAnswer('first page', nodes, (await eligiblePage(inSmall, SIZE)).nodes);
      const sides = await alternate(
        [
          { name: `of ${large.agents}`, turn: () => eligiblePage(inLarge, SIZE) },
          { name: `of ${small.agents}`, turn: () => eligiblePage(inSmall, SIZE) },
        ],
        { warmUp: sized(50, scale, 5), measured: sized(300, scale, 10) },
      );
      return {
        size: `${large.agents} agents, ${large.actions} actions against ${small.agents}, ${small.actions}`,
        lines: takesAtMost(sides, 1.3),
        answer: `${nodes.length} agents`,
      };
    } finally {
      await inSmall.close();
      await inLarge.close();
    }
  },
};
