import type { FollowerStore } from '../app/ports/deliveries.ts';
import type { LedgerTail } from '../app/feed/ledger-tail.ts';
import type { App } from '../app/app.ts';
import type { Policy } from '../governance/policy.ts';
import type { Principal } from '../governance/principals/principal.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Budget } from './budget.ts';
import type { Loaders } from './loaders.ts';

/** The followers that are configured, by their names, and where they keep how far they are. */
export interface ConfiguredFollowers {
  readonly names: readonly string[];
  readonly store: Pick<FollowerStore, 'standings' | 'deadLetters'>;
}

/** What every resolver is given. One is made per operation, so loaders never outlive an answer. */
export interface Context {
  readonly app: App;
  /** What subscriptions follow. */
  readonly tail: LedgerTail;
  readonly followers: ConfiguredFollowers;
  readonly principal: Principal;
  /** A read-only client. */
  readonly prisma: PrismaClient;
  /** The instant of the operation, UTC milliseconds; after a command, that of its end. */
  now: number;
  load: Loaders;
  /** The policy in force. */
  readonly policy: Policy;
  /** Where the ledger stood before anything was read. */
  readonly cursor: string;
  /** The cursor that a stream resumes after, whatever its arguments say. */
  readonly resumeAfter: string | null;
  /** What the answer may cost beyond the price of its operation. */
  readonly budget: Budget;
  /** Forgets what was read: after a command, and at each event of a subscription. */
  renew(): void;
}
