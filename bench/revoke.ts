import { join } from 'node:path';
import { openVault } from '../src/adapters/vault/open-vault.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { revokeAgent } from '../src/app/revoke-agent.ts';
import { openEngine, type Engine } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { arrivesWithin99, sameAnswer, sized, type Bench } from './bench.ts';
import { principal } from './fleet/open-fleet.ts';
import { recordAs, runOf } from './runs.ts';
import { openBenchVault } from './vault/bench-vault.ts';

const REVIEWER = principal('bench:reviewer', 'REVIEWER');
const PAUSE = 20;

/** How long after a revocation was asked for Vault denies the agent everything, one revocation after another. */
export const revoke: Bench = {
  about: 'from revokeAgent to the instant at which a healthy Vault denies the agent everything',
  run: async (folder, scale) => {
    const agents = sized(300, scale, 5);
    const asked = new Map<string, number>();
    const denied = new Map<string, number>();
    const vault = await openBenchVault((core) => {
      for (const name of asked.keys())
        if (!denied.has(name) && core.state().entities.get(`agent-${name}`)?.disabled === true)
          denied.set(name, performance.now());
    });
    const engine = await open(folder, vault);
    try {
      await recordAs(
        engine.app,
        Array.from({ length: agents }, (_, index) => runOf(index, 'first', Date.now())),
      );
      await until(() => nothingPending(engine));
      const names = (await engine.app.store.reader.agentsAfter('', agents)).map(({ state }) => state.agentId);
      for (const agentId of names) {
        asked.set(agentId, performance.now());
        const reason = { reason: 'Measured.', idempotencyKey: agentId };
        await revokeAgent(engine.app, REVIEWER, { agentId, toTier: null, suspend: true, ...reason });
        await until(() => Promise.resolve(denied.has(agentId)));
      }
      sameAnswer('who is denied', [...denied.keys()], names);
      const delays = names.map((name) => (denied.get(name) ?? NaN) - (asked.get(name) ?? NaN));
      return {
        size: `${agents} agents, one after another`,
        lines: arrivesWithin99(delays.map(Math.round), 250),
        answer: `${denied.size} agents denied`,
      };
    } finally {
      await engine.close();
      vault.close();
    }
  },
};

async function open(folder: string, { address, token }: { address: string; token: string }): Promise<Engine> {
  const auth = { kind: 'TOKEN', token } as const;
  const vault = openVault({ address, namespace: null, caFile: null, auth }, { clock: systemClock });
  const config = loadConfig({ DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}` });
  const operator = { id: 'bench:operator', kind: 'PERSON' } as const;
  const engine = await openEngine(config, { operator, vault });
  const fail = (what: unknown) => {
    console.error(what);
  };
  await engine.startFollowers({ fault: (_name, fault) => fail(fault), late: fail, unknown: fail });
  return { ...engine, close: () => engine.close().finally(() => vault.close()) };
}

async function nothingPending({ followers }: Engine): Promise<boolean> {
  const [standing] = await followers.store.standings();
  return standing?.pending === 0 && standing.lag === 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
