import { openDatabase } from '../../src/adapters/sqlite/open-database.ts';
import { PrismaStore } from '../../src/adapters/prisma/store.ts';
import { systemClock as clock } from '../../src/adapters/system/clock.ts';
import { randomIds as ids } from '../../src/adapters/system/ids.ts';
import { NO_WITNESS } from '../../src/app/time/witnessed-clock.ts';
import type { App } from '../../src/app/app.ts';

/** The use cases on a file without the API, which takes longer to build than many of them: where many are opened. */
export function openApp(file: string): { readonly app: App; readonly close: () => Promise<void> } {
  const { database } = openDatabase(file, { absent: 'create' });
  const app: App = {
    store: new PrismaStore(database, { clock, ids, witness: NO_WITNESS }),
    clock,
    ids,
    witness: NO_WITNESS,
    doorbell: { ring: () => undefined, listen: () => () => undefined },
    meter: { command: () => undefined },
  };
  return { app, close: () => database.close() };
}
