import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { App } from '../src/app/app.ts';
import { perSecond, sameAnswer, sized, type Bench } from './bench.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { soundChain } from './fleet/sound-chain.ts';
import { promoteOne } from './promotions.ts';
import { recordAs, runOf } from './runs.ts';

const CALLERS = 64;

/** How many actions and promotions a second are on disk when they are answered; everything answered must be there. */
export const durable: Bench = {
  about: 'actions a second recorded singly by 64 callers, and promotions a second, all of them on disk',
  run: async (folder, scale) => {
    const [agents, actions] = [sized(2_000, scale, 64), sized(10_000, scale, 64)];
    const file = join(folder, 'tierkeeper.db');
    await makeFleet(file, { agents, actions: agents * 10, now: Date.now(), oneIn: 1, tiers: ['T0'] });
    const engine = await openFleet(file);
    const { app } = engine;
    const acknowledged: number[] = [];
    try {
      await atOnce(sized(500, scale, 8), async (index) => recordOne(app, index % agents, `warm-${index}`));
      const recorded = await atOnce(actions, async (index) => {
        acknowledged.push(await recordOne(app, index % agents, `single-${index}`));
      });
      const promoted = await atOnce(agents, async (index) => {
        acknowledged.push(await promoteOne(app, index));
      });
      return {
        size: `${CALLERS} callers, ${actions} actions singly, then ${agents} promotions`,
        lines: [perSecond('recorded', recorded, 500), perSecond('promoted', promoted, 200)],
        answer: `${inFile(file, acknowledged)} acknowledged are in the file, its chain is whole`,
      };
    } finally {
      await engine.close();
    }
  },
};

async function recordOne(app: App, index: number, runId: string): Promise<number> {
  const { outcomes } = await recordAs(app, [runOf(index, runId, app.clock.now())]);
  const [outcome] = outcomes;
  if (outcome?.status !== 'RECORDED') throw new Error(`${runId} was not recorded.`);
  return outcome.seq;
}

/** Does so many things by that many callers, each of which waits for every answer; gives how many a second. */
async function atOnce(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const began = performance.now();
  const caller = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return count / ((performance.now() - began) / 1_000);
}

/** How many entries were acknowledged, each of them once, and are in a file whose chain is whole. */
function inFile(file: string, acknowledged: readonly number[]): number {
  soundChain(file);
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    const sql = `SELECT seq FROM runs WHERE run_id LIKE 'single-%' UNION ALL
      SELECT seq FROM ledger_entries WHERE type = 'AGENT_PROMOTED' ORDER BY seq`;
    const found = db.prepare(sql).pluck().all();
    sameAnswer(
      'acknowledged entries',
      acknowledged.toSorted((a, b) => a - b),
      found,
    );
    return found.length;
  } finally {
    db.close();
  }
}
