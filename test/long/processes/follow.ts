// Makes a Vault follow the ledger of a file until it is killed or its input ends; says `ready` once it does.
import { once } from 'node:events';
import { openVault } from '../../../src/adapters/vault/open-vault.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { openEngine } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';

const [file = '', address = '', token = ''] = process.argv.slice(2);
const auth = { kind: 'TOKEN', token } as const;
const vault = openVault(
  { address, namespace: null, caFile: null, auth },
  { clock: systemClock, timeout: 400 },
);
const operator = { id: 'operator:test', kind: 'PERSON' } as const;
const engine = await openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), { operator, vault });
const tell = (what: unknown) => process.stderr.write(`${String(what)}\n`);
await engine.startFollowers({
  fault: (_follower, fault) => tell(fault),
  late: () => undefined,
  unknown: (_follower, names) => tell(names),
});
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
await engine.close();
vault.close();
