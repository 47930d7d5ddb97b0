import type { App } from '../app/ports.ts';
import { settleDueAgents } from '../app/settle.ts';
import { writeCursor } from '../governance/cursor.ts';
import type { Principal } from '../governance/principal.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Context } from './context.ts';
import { createLoaders } from './loaders.ts';

/**
 * The context of one operation. Where the ledger stands is read first of all; what time alone has changed is settled
 * before it, so that no answer shows a status that is past.
 */
export async function createContext(
  app: App,
  prisma: PrismaClient,
  { principal, ...limit }: { readonly principal: Principal; readonly costLimit?: number },
): Promise<Context> {
  const now = app.clock.now();
  const { reader } = app.store;
  const next = await reader.nextChange();
  if (next !== null && next <= now) await settleDueAgents(app);
  const head = await reader.head();
  const policy = head.policyDigest === null ? null : await reader.policy(head.policyDigest);
  if (policy === null) throw new Error('No policy has been adopted.');
  const loadersAt = (instant: number) => createLoaders(app, { principal, policy, now: instant, prisma });
  const cursor = writeCursor(head);
  const context: Context = {
    ...{ app, prisma, principal, policy, cursor, now, load: loadersAt(now), ...limit },
    renew() {
      context.now = app.clock.now();
      context.load = loadersAt(context.now);
    },
  };
  return context;
}
