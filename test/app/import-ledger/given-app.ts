import { PrismaStore } from '../../../src/adapters/prisma/store.ts';
import { randomIds } from '../../../src/adapters/system/ids.ts';
import { adoptPolicy } from '../../../src/app/standing/adopt-policy.ts';
import { NO_WITNESS } from '../../../src/app/time/witnessed-clock.ts';
import type { App } from '../../../src/app/app.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { rawConnection, tempDatabase } from '../../support/temp-database.ts';

/** The moment of every import of these tests. */
export const NOW = Date.UTC(2026, 5, 30, 12);

/** An app over a real database that has adopted the built-in policy; `rows` looks behind it. */
export async function givenApp(now = NOW) {
  const { file, database } = tempDatabase();
  const clock = { now: () => now };
  let rings = 0;
  const app: App = {
    store: new PrismaStore(database, { clock, ids: randomIds, witness: NO_WITNESS }),
    clock,
    witness: NO_WITNESS,
    ids: randomIds,
    doorbell: { ring: () => void (rings += 1), listen: () => () => undefined },
    meter: { command: () => undefined },
  };
  await adoptPolicy(app, baseline, { operator: { id: 'system:setup', kind: 'SYSTEM' }, replace: false });
  const connection = rawConnection(file, { readonly: true });
  const tables = connection
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all();
  return {
    app,
    rings: () => rings,
    rows: (query: string) => connection.prepare<[], Record<string, string | number | null>>(query).all(),
    /** Every row of every table. */
    everything: () =>
      Object.fromEntries(
        tables.map((table) => [table, connection.prepare(`SELECT * FROM "${table}"`).all()]),
      ),
  };
}
