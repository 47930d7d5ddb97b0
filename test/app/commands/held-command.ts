import type { App } from '../../../src/app/app.ts';
import type { Store, WriteOptions, WriteTransaction } from '../../../src/app/ports/store.ts';
import { GovernanceError } from '../../../src/governance/errors.ts';

/** What becomes of an attempt: it is answered, or whoever carries it out is killed before or after the commit. */
export type Fate = 'ANSWERED' | 'KILLED_BEFORE_COMMIT' | 'KILLED_AFTER_COMMIT';

class Killed extends Error {}

/** What an attempt came to: its answer, the code of its refusal, or nothing that its caller knows. */
export type Outcome =
  | { readonly answer: unknown }
  | { readonly refused: string }
  /** `committed` is what the transaction came to, if it was. */
  | { readonly killed: true; readonly committed: unknown };

/** One attempt of a command, held between what it reads on arrival and its write. */
export class HeldCommand {
  outcome: Outcome | null = null;
  #ended: Promise<void> = Promise.resolve();
  #letGo: () => void = () => undefined;

  constructor(
    private readonly app: App,
    private readonly fate: Fate,
  ) {}

  /** Sends the command, and comes back as soon as it asks for its write, or has ended without one. */
  async arrive(send: (app: App) => Promise<unknown>): Promise<void> {
    const asks = new Promise<void>((resolve) => {
      const store = this.#store(resolve);
      this.#ended = send({ ...this.app, store }).then(
        (answer) => this.#end({ answer }),
        (error: unknown) => {
          if (error instanceof GovernanceError) this.#end({ refused: error.code });
          else if (!(error instanceof Killed)) throw error;
        },
      );
    });
    await Promise.race([asks, this.#ended]);
  }

  /** Lets it write, and comes back when it has ended. */
  async write(): Promise<void> {
    this.#letGo();
    await this.#ended;
  }

  #end(outcome: Outcome): void {
    this.outcome = outcome;
  }

  #store(asks: () => void): Store {
    return {
      reader: this.app.store.reader,
      write: async (work, options) => {
        await new Promise<void>((resolve) => {
          this.#letGo = resolve;
          asks();
        });
        return this.#write(work, options);
      },
    };
  }

  async #write<T>(work: (tx: WriteTransaction) => Promise<T>, options?: WriteOptions): Promise<T> {
    const { store } = this.app;
    switch (this.fate) {
      case 'ANSWERED':
        return store.write(work, options);
      case 'KILLED_BEFORE_COMMIT':
        this.#end({ killed: true, committed: null });
        return store.write(async (tx) => {
          await work(tx);
          await tx.flush();
          throw new Killed();
        }, options);
      case 'KILLED_AFTER_COMMIT':
        this.#end({ killed: true, committed: await store.write(work, options) });
        throw new Killed();
    }
  }
}
