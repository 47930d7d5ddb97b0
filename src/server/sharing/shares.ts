import { Share, type ShareOptions } from './share.ts';

/** A share that is held. */
export interface HeldShare {
  readonly share: Share;
  /** Lets go of it once: the share closes with the last who does. */
  readonly release: () => void;
}

interface Held extends HeldShare {
  readonly opened: Promise<void>;
  holders: number;
}

/** The shares that have subscribers, by what these have in common. */
export class Shares {
  readonly #held = new Map<string, Held>();
  readonly #onHolders: (change: 1 | -1) => void;

  /** @param onHolders told of every hold (1) and release (-1) */
  constructor(onHolders: (change: 1 | -1) => void) {
    this.#onHolders = onHolders;
  }

  /** The share of a key, made by the first who asks for it. Every hold must be released. */
  async hold(key: string, options: () => ShareOptions): Promise<HeldShare> {
    const held = this.#held.get(key) ?? this.#open(key, options());
    held.holders += 1;
    this.#onHolders(1);
    try {
      await held.opened;
    } catch (fault) {
      held.release();
      throw fault;
    }
    return held;
  }

  /** Done once every subscriber that keeps up has been offered what was committed before. */
  async offered(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ share }) => share.offered()));
  }

  #open(key: string, options: ShareOptions): Held {
    const share = new Share(options);
    const release = () => {
      held.holders -= 1;
      this.#onHolders(-1);
      if (held.holders > 0) return;
      if (this.#held.get(key) === held) this.#held.delete(key);
      share.close();
    };
    const held: Held = { share, opened: share.open(), holders: 0, release };
    this.#held.set(key, held);
    return held;
  }
}
