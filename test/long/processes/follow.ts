// Makes a Vault follow the ledger of a file until it is killed or its input ends; says `ready` once it does. With a number, it
// kills itself just before its n-th step from the first input on: a step is a call of the database or of Vault.
import { once } from 'node:events';
import { PrismaDeliveries } from '../../../src/adapters/prisma/deliveries.ts';
import { PrismaFollowerStore } from '../../../src/adapters/prisma/follower-store.ts';
import { PrismaReader } from '../../../src/adapters/prisma/reader.ts';
import { PrismaStore } from '../../../src/adapters/prisma/store.ts';
import { openVault } from '../../../src/adapters/vault/open-vault.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { openEngine } from '../../../src/compose/engine.ts';
import { loadConfig } from '../../../src/config/config.ts';

const [file = '', address = '', token = '', step = 'Infinity'] = process.argv.slice(2);
const auth = { kind: 'TOKEN', token } as const;
const vault = openVault(
  { address, namespace: null, caFile: null, auth },
  { clock: systemClock, timeout: 400 },
);
const operator = { id: 'operator:test', kind: 'PERSON' } as const;
const engine = await openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), {
  absent: 'create',
  operator,
  vault,
});
const tell = (what: unknown) => process.stderr.write(`${String(what)}\n`);

let left = Number(step);
let counts = false;
/** Has each method of an object, or of a class by its prototype, counted as a step. */
function countSteps(target: object): void {
  for (const name of Object.getOwnPropertyNames(target)) {
    const property = Object.getOwnPropertyDescriptor(target, name);
    const method: unknown = property?.value;
    if (typeof method !== 'function' || name === 'constructor' || property?.writable !== true) continue;
    Reflect.set(target, name, function (this: unknown, ...args: readonly unknown[]): unknown {
      if (counts) left -= 1;
      if (left <= 0) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(method, this, args) as unknown;
    });
  }
}
for (const { prototype } of [PrismaDeliveries, PrismaFollowerStore, PrismaReader, PrismaStore])
  countSteps(prototype);
countSteps(vault);

await engine.startFollowers({
  fault: (_follower, fault) => tell(fault),
  late: () => undefined,
  unknown: (_follower, names) => tell(names),
  others: (_follower, names) => tell(names),
});
process.stdout.write('ready\n');
process.stdin.on('data', () => {
  counts = true;
});
await once(process.stdin, 'end');
await engine.close();
vault.close();
