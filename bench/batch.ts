import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate } from './alternate.ts';
import { sameAnswer, sized, takesAtMost, type Bench } from './bench.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { soundChain } from './fleet/sound-chain.ts';
import { RawRows } from './raw-rows.ts';
import { recordAs, runOf } from './runs.ts';

const RUNS = 100;
const ACTIONS = 5;

/** A batch of runs recorded, against one plain transaction that writes the very same rows. */
export const batch: Bench = {
  about: '100 runs recorded, against one raw transaction that writes the same rows',
  run: async (folder, scale) => {
    const fleet = { agents: sized(1_000, scale, 100), actions: sized(100_000, scale, 1_000) };
    const [file, raw] = [join(folder, 'tierkeeper.db'), join(folder, 'raw.db')];
    await makeFleet(file, { ...fleet, now: Date.now(), oneIn: 10 });
    copyFileSync(file, raw);
    const engine = await openFleet(file);
    const { app } = engine;
    const rows = new RawRows(file, raw);
    let [turn, written] = [0, 0];
    const nextBatch = () => {
      turn += 1;
      const at = app.clock.now();
      return Array.from({ length: RUNS }, (_, index) =>
        runOf((turn * RUNS + index) % fleet.agents, `batch-${turn}-${index}`, at, ACTIONS),
      );
    };
    try {
      let runs = nextBatch();
      const sides = await alternate(
        [
          { name: 'product', prepare: () => (runs = nextBatch()), turn: () => recordAs(app, runs) },
          {
            name: 'raw',
            prepare: () => {
              written = rows.capture();
            },
            turn: () => {
              rows.write();
            },
          },
        ],
        { warmUp: sized(20, scale), measured: sized(100, scale, 3) },
      );
      const [product, plain] = rows.contents();
      sameAnswer('rows', product, plain);
      return {
        size: `${RUNS} runs with ${ACTIONS} actions each, ${written} rows, on ${fleet.actions} actions of ${fleet.agents} agents`,
        lines: takesAtMost(sides, 2),
        answer: `every row of both files, ${soundChain(raw)} entries`,
      };
    } finally {
      rows.close();
      await engine.close();
    }
  },
};
