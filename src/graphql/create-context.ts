import type { LedgerTail } from '../app/feed/ledger-tail.ts';
import { learnTime } from '../app/time/learn-time.ts';
import type { App } from '../app/app.ts';
import { settleDueAgents } from '../app/standing/settle.ts';
import { writeCursor } from '../governance/ledger/cursor.ts';
import type { Principal } from '../governance/principals/principal.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { unlimited, type Budget } from './budget.ts';
import type { ConfiguredFollowers, Context } from './context.ts';
import { createLoaders } from './loaders.ts';

/** What a context is made of. */
export interface ContextSources {
  readonly app: App;
  readonly tail: LedgerTail;
  readonly followers: ConfiguredFollowers;
  readonly prisma: PrismaClient;
}

/** Who asks. */
export interface ContextRequest {
  readonly principal: Principal;
  readonly resumeAfter?: string | null;
  /** None is held to where it is left out. */
  readonly budget?: Budget;
}

/**
 * The context of one operation. Where the ledger stands is read first of all; what time alone has changed is settled
 * before it, so that no answer shows a status that is past.
 */
export async function createContext(
  { app, tail, followers, prisma }: ContextSources,
  { principal, resumeAfter = null, budget = unlimited() }: ContextRequest,
): Promise<Context> {
  const { reader } = app.store;
  // A clock may go back, and another process may be ahead: what is recorded is never in the future.
  const nowAt = (recordedAt: number) => Math.max(app.clock.now(), recordedAt);
  // An operator may have accepted the clock in another process.
  if (app.witness.doubt() !== null) await learnTime(app);
  let head = await reader.standing();
  if (head.nextChange !== null && head.nextChange <= nowAt(head.recordedAt)) {
    await settleDueAgents(app);
    head = await reader.standing();
  }
  const now = nowAt(head.recordedAt);
  const policy = head.policyDigest === null ? null : await reader.policy(head.policyDigest);
  if (policy === null) throw new Error('No policy has been adopted.');
  const hasVault = followers.names.includes('vault');
  const loadersAt = (instant: number) =>
    createLoaders(app, { principal, policy, now: instant, prisma, hasVault, budget });
  const cursor = writeCursor(head);
  const context: Context = {
    app,
    tail,
    followers,
    prisma,
    principal,
    policy,
    cursor,
    now,
    resumeAfter,
    budget,
    load: loadersAt(now),
    renew() {
      context.now = Math.max(app.clock.now(), context.now);
      context.load = loadersAt(context.now);
    },
  };
  return context;
}
