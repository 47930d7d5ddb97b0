import type { Clock, Ids, Store, WriteOptions, WriteTransaction } from '../../app/ports.ts';
import type { Policy } from '../../governance/policy.ts';
import type { Database } from './database.ts';
import { PrismaReader } from './reader.ts';
import { PrismaWriteTransaction } from './write-transaction.ts';

/** The ledger in a database: one writer at a time, readers that see only what is committed. */
export class PrismaStore implements Store {
  readonly reader: PrismaReader;
  readonly #policies = new Map<string, Policy>();

  constructor(
    private readonly database: Database,
    private readonly world: { readonly clock: Clock; readonly ids: Ids },
  ) {
    this.reader = new PrismaReader(database.reader, this.#policies);
  }

  write<T>(work: (tx: WriteTransaction) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    return this.database.writeTransaction(async (db, head) => {
      const policies = this.#policies;
      const policy =
        head.policyDigest === null ? null : await new PrismaReader(db, policies).policy(head.policyDigest);
      const beginning = { head, policy, policies, now: this.world.clock.now(), ids: this.world.ids };
      const tx = new PrismaWriteTransaction(db, beginning);
      const result = await work(tx);
      await tx.end();
      return result;
    }, options);
  }
}
