import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../src/compose/engine.ts';
import { alternate } from './alternate.ts';
import { atMost, sameAnswer, sized, type Bench } from './bench.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { promoteOne } from './promotions.ts';
import { openBenchVault } from './vault/bench-vault.ts';
import { nothingPending, openFollowed } from './vault/followed-engine.ts';

const STATES = ['SEALED', 'SILENT', 'WRONG'] as const;

/** What a Vault that is down, answers nothing or answers nonsense costs those who promote, more than one that is well. */
export const beside: Bench = {
  about: 'a promotion while Vault is sealed, silent or no Vault at all, against one while it is well',
  run: async (folder, scale) => {
    const turns = sized(150, scale, 3);
    const [well, ill] = [join(folder, 'well'), join(folder, 'ill')];
    const size = turns * STATES.length;
    const fleet = { agents: size, actions: size * 10, now: Date.now(), oneIn: 1, tiers: ['T0'] } as const;
    for (const place of [well, ill]) {
      mkdirSync(place);
      await makeFleet(fileIn(place), fleet);
    }
    const [healthy, vault] = [await openBenchVault(), await openBenchVault()];
    const other = await openFollowed(well, healthy);
    const engine = await openFollowed(ill, vault, () => undefined);
    try {
      await Promise.all([nothingPending(other), nothingPending(engine)]);
      const lines: string[] = [];
      for (const [index, state] of STATES.entries()) {
        vault.becomes(state);
        const turnsOf = (name: string, of: Engine) => {
          let next = index * turns;
          return { name, turn: () => promoteOne(of.app, next++) };
        };
        // Who warms up learns what has become of Vault.
        const rounds = { warmUp: Math.floor(turns / 10), measured: turns - Math.floor(turns / 10) };
        const [one, two] = await alternate([turnsOf(state, engine), turnsOf('WELL', other)], rounds);
        const medians = `${one.median.toFixed(1)} against ${two.median.toFixed(1)} ms`;
        lines.push(atMost(`${state.toLowerCase()}: ${medians},`, one.median / two.median, 1.1));
      }
      const [one, two] = [await promoted(engine), await promoted(other)];
      sameAnswer('promotions', one, two);
      return { size: `${turns} promotions by turns for each`, lines, answer: `${one} promotions` };
    } finally {
      await Promise.all([engine.close(), other.close()]);
      healthy.close();
      vault.close();
    }
  },
};

function fileIn(folder: string): string {
  return join(folder, 'tierkeeper.db');
}

async function promoted({ app }: Engine): Promise<number> {
  return (await app.store.reader.entriesAfter(0, 10_000, 'AGENT_PROMOTED')).length;
}
