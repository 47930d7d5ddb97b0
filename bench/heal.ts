import type { Engine } from '../src/compose/engine.ts';
import { tierOfPolicies } from '../src/governance/vault/vault-names.ts';
import type { Entity } from '../test/support/fake-vault/state.ts';
import { arrivesWithin, sized, type Bench } from './bench.ts';
import { recordAs, runOf } from './runs.ts';
import { openBenchVault, type BenchVault } from './vault/bench-vault.ts';
import { nothingPending, openFollowed, until } from './vault/followed-engine.ts';

/** How long a Vault that was down and comes back with too much for everybody takes to be what the ledger says. */
export const heal: Bench = {
  about:
    'from the instant at which a Vault is up again, where 100 agents have T4, to all of them at T0, enabled',
  run: async (folder, scale) => {
    const [agents, rounds] = [sized(100, scale, 3), sized(5, scale)];
    const vault = await openBenchVault();
    // That what lowers is late is what is measured.
    const engine = await openFollowed(folder, vault, () => undefined);
    try {
      const runs = Array.from({ length: agents }, (_, index) => runOf(index, 'first', Date.now()));
      await recordAs(engine.app, runs);
      await nothingPending(engine);
      const delays: number[] = [];
      for (let round = 0; round < rounds; round += 1) delays.push(await healed(engine, vault, round));
      return {
        size: `${agents} agents, ${rounds} times`,
        lines: arrivesWithin(delays.map(Math.round), 5_000),
        answer: `${vault.entities().size} entities`,
      };
    } finally {
      await engine.close();
      vault.close();
    }
  },
};

async function healed(engine: Engine, vault: BenchVault, round: number): Promise<number> {
  vault.becomes('SEALED');
  for (const entity of vault.entities().values()) entity.policies = ['tierkeeper-tier-4'];
  // Something must be asked of Vault for anybody to learn that it is down.
  await recordAs(engine.app, [runOf(1_000_000 + round, 'first', Date.now())]);
  await until(async () => (await engine.followers.store.standings())[0]?.breaker !== 'CLOSED');
  vault.becomes('WELL');
  const began = performance.now();
  await until(() => [...vault.entities().values()].every(isRight));
  const delay = performance.now() - began;
  await nothingPending(engine);
  return delay;
}

function isRight({ policies, disabled }: Entity): boolean {
  return !disabled && tierOfPolicies(policies) === 'T0';
}
