import { join } from 'node:path';
import { alternate } from './alternate.ts';
import { fasterThan, sameAnswer, sized, type Bench } from './bench.ts';
import { allEligible } from './eligible-agents.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { makeOriginalFile } from './fleet/original-file.ts';
import { OriginalEngine } from './original-engine.ts';

const NOW = Date.UTC(2026, 5, 30, 12);
/**
 * The eligible are a queue that reviewers empty: whoever is promoted leaves it, and has the next step's runs before it. 2 %
 * of 10,000 are 200 decisions that wait for somebody. The product's cost grows with them, that of the four queries does not.
 */
const ONE_IN = 50;

/** All eligible agents, page by page through the API, against the original engine's four queries per agent. */
export const list: Bench = {
  about: 'all eligible agents of 10,000 with 1,000,000 actions, against four prepared queries per agent',
  run: async (folder, scale) => {
    const fleet = { agents: sized(10_000, scale, 100), actions: sized(1_000_000, scale, 1_000) };
    const [file, original] = [join(folder, 'tierkeeper.db'), join(folder, 'original.db')];
    await makeFleet(file, { ...fleet, now: NOW, oneIn: ONE_IN });
    makeOriginalFile(original, file);
    const engine = await openFleet(file, { now: () => NOW });
    const originalEngine = new OriginalEngine(original);
    try {
      const found = (await allEligible(engine)).map(({ agentId }) => agentId).sort();
      sameAnswer('eligible agents', found, originalEngine.eligible(NOW));
      const sides = await alternate(
        [
          { name: 'product, all pages of 100', turn: () => allEligible(engine) },
          { name: 'four queries per agent', turn: () => originalEngine.eligible(NOW) },
        ],
        { warmUp: 5, measured: 15 },
      );
      return {
        size: `${fleet.agents} agents, ${fleet.actions} actions, 1 in ${ONE_IN} eligible (${100 / ONE_IN} %)`,
        lines: fasterThan(sides, 100),
        answer: `${found.length} agents`,
      };
    } finally {
      originalEngine.close();
      await engine.close();
    }
  },
};
