import { revokeAgent } from '../src/app/commands/revoke-agent.ts';
import { arrivesWithin99, sameAnswer, sized, type Bench } from './bench.ts';
import { principal } from './fleet/open-fleet.ts';
import { recordAs, runOf } from './runs.ts';
import { openBenchVault } from './vault/bench-vault.ts';
import { nothingPending, openFollowed, until } from './vault/followed-engine.ts';

const REVIEWER = principal('bench:reviewer', 'REVIEWER');

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
    const engine = await openFollowed(folder, vault);
    try {
      await recordAs(
        engine.app,
        Array.from({ length: agents }, (_, index) => runOf(index, 'first', Date.now())),
      );
      await nothingPending(engine);
      const names = (await engine.app.store.reader.agentsAfter('', agents)).map(({ state }) => state.agentId);
      for (const agentId of names) {
        asked.set(agentId, performance.now());
        const reason = { reason: 'Measured.', idempotencyKey: agentId };
        await revokeAgent(engine.app, REVIEWER, { agentId, toTier: null, suspend: true, ...reason });
        await until(() => denied.has(agentId));
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
