import type { Store, WriteOptions, WriteTransaction } from '../../app/ports/store.ts';
import type { Clock, ClockWitness, Ids } from '../../app/ports/world.ts';
import { OverloadedError, storageErrorOf } from '../../app/ports/storage-errors.ts';
import type { Policy } from '../../governance/policy.ts';
import type { Database, LockedHead } from './database.ts';
import type { Raw } from './raw.ts';
import { PrismaReader } from './reader.ts';
import { PrismaWriteTransaction } from './write-transaction.ts';

/** How many commands may wait; beyond it they are refused, so that memory never grows with a backlog. */
const MOST_WAITING = 1_000;
/**
 * How many commands share one transaction, and how long it takes new ones in, in milliseconds: less while a decision waits.
 * While none does, a short group only makes those that wait for the next one pay for more commits.
 */
const GROUP = { commands: 64, milliseconds: { hurried: 20, alone: 100 } };

type Work<T> = (tx: WriteTransaction) => Promise<T>;

/** A command that waits for a transaction to share; `run` gives what to do once that is committed. */
interface Waiting {
  readonly run: (tx: PrismaWriteTransaction) => Promise<() => void>;
  readonly fail: (error: unknown) => void;
}

/** The ledger in a database: one writer at a time, readers that see only what is committed. */
export class PrismaStore implements Store {
  readonly reader: PrismaReader;
  readonly #policies = new Map<string, Policy>();
  readonly #group: Waiting[] = [];
  #scheduled = false;
  #waiting = 0;
  /** How many of those run alone. */
  #deciding = 0;

  constructor(
    private readonly database: Database,
    private readonly world: { readonly clock: Clock; readonly ids: Ids; readonly witness: ClockWitness },
  ) {
    this.reader = new PrismaReader(database.reader, this.#policies);
  }

  /** How many commands wait for the writer or are with it. */
  get waiting(): number {
    return this.#waiting;
  }

  async write<T>(work: Work<T>, options: WriteOptions = {}): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw new OverloadedError();
    this.#waiting += 1;
    try {
      return await (options.grouped ? this.#writeGrouped(work) : this.#writeAlone(work, options));
    } finally {
      this.#waiting -= 1;
    }
  }

  async #writeAlone<T>(work: Work<T>, options: WriteOptions): Promise<T> {
    this.#deciding += 1;
    try {
      return await this.database.writeTransaction(async (db, head) => {
        const tx = await this.#begin(db, head, new Map());
        const result = await work(tx);
        await tx.end();
        return result;
      }, options);
    } finally {
      this.#deciding -= 1;
    }
  }

  /** Nothing is answered before the COMMIT of the transaction that the command shares. */
  #writeGrouped<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (tx: PrismaWriteTransaction) => {
        const result = await work(tx);
        return () => {
          resolve(result);
        };
      };
      this.#group.push({ run, fail: reject });
      if (!this.#scheduled) void this.#commitGroup();
    });
  }

  /** Commands that arrive before the group's turn, or while it runs, still join it. */
  async #commitGroup(): Promise<void> {
    this.#scheduled = true;
    const taken: Waiting[] = [];
    try {
      const answers = await this.database.writeTransaction((db, head) => this.#runGroup(db, head, taken));
      for (const answer of answers) answer();
    } catch (error) {
      // Before it could begin, nobody's command can.
      for (const each of taken.length > 0 ? taken : this.#group.splice(0)) each.fail(error);
    }
    this.#scheduled = false;
    if (this.#group.length > 0) void this.#commitGroup();
  }

  async #runGroup(db: Raw, head: LockedHead, taken: Waiting[]): Promise<readonly (() => void)[]> {
    const answers: (() => void)[] = [];
    const began = this.world.clock.now();
    const actors = new Map<string, string>();
    let last = head;
    while (taken.length === 0 || this.#takesMore(taken.length, began)) {
      const command = this.#group.shift();
      if (command === undefined) break;
      taken.push(command);
      const tx = await this.#begin(db, last, actors);
      answers.push(await runInSavepoint(db, tx, command));
      last = { ...(await tx.head()), anchor: head.anchor };
    }
    const end = await this.#begin(db, head, actors);
    end.advanceTo(last);
    await end.end();
    return answers;
  }

  #takesMore(taken: number, began: number): boolean {
    const { hurried, alone } = GROUP.milliseconds;
    const limit = this.#deciding > 0 ? hurried : alone;
    return taken < GROUP.commands && this.world.clock.now() - began < limit;
  }

  async #begin(db: Raw, head: LockedHead, actors: Map<string, string>): Promise<PrismaWriteTransaction> {
    const policies = this.#policies;
    const policy =
      head.policyDigest === null ? null : await new PrismaReader(db, policies).policy(head.policyDigest);
    const { clock, ids, witness } = this.world;
    witness.learn(head);
    const time = { now: clock.now(), doubt: witness.doubt(), anchor: witness.toKeep() };
    return new PrismaWriteTransaction(db, { head, policy, policies, ...time, ids, actors });
  }
}

/** A command that fails undoes only itself; a fault of the database undoes the whole group. */
async function runInSavepoint(db: Raw, tx: PrismaWriteTransaction, command: Waiting): Promise<() => void> {
  await db.$executeRawUnsafe('SAVEPOINT command');
  try {
    const answer = await command.run(tx);
    await tx.flush();
    await db.$executeRawUnsafe('RELEASE command');
    return answer;
  } catch (error) {
    if (storageErrorOf(error) !== null) throw error;
    await db.$executeRawUnsafe('ROLLBACK TO command');
    await db.$executeRawUnsafe('RELEASE command');
    tx.abandon();
    return () => {
      command.fail(error);
    };
  }
}
