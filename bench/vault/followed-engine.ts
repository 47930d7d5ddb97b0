import { join } from 'node:path';
import { openVault } from '../../src/adapters/vault/open-vault.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { openEngine, type Engine } from '../../src/compose/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { BenchVault } from './bench-vault.ts';

const PAUSE = 20;

/** An engine whose Vault follows it, as a server has it; `told` gets what a person should know. */
export async function openFollowed(
  folder: string,
  { address, token }: BenchVault,
  told: (what: unknown) => void = (what) => {
    console.error(what);
  },
): Promise<Engine> {
  const auth = { kind: 'TOKEN', token } as const;
  const vault = openVault({ address, namespace: null, caFile: null, auth }, { clock: systemClock });
  const config = loadConfig({ DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}` });
  const operator = { id: 'bench:operator', kind: 'PERSON' } as const;
  const engine = await openEngine(config, { absent: 'create', operator, vault });
  await engine.startFollowers({
    fault: (_name, fault) => told(fault),
    late: told,
    unknown: told,
    others: told,
  });
  return { ...engine, close: () => engine.close().finally(() => vault.close()) };
}

/** Resolved once Vault is what the ledger says. */
export async function nothingPending({ followers }: Engine): Promise<void> {
  await until(async () => {
    const [standing] = await followers.store.standings();
    return standing?.pending === 0 && standing.lag === 0;
  });
}

/** Resolved once something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
