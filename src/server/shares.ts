import { Share, type ShareOptions } from './share.ts';

/** A share, until it is released. */
export interface HeldShare {
  readonly share: Share;
  readonly release: () => void;
}

interface Held {
  readonly key: string;
  readonly share: Share;
  readonly opened: Promise<void>;
  holders: number;
}

/** The shares that have subscribers, by what these have in common. */
export class Shares {
  readonly #held = new Map<string, Held>();

  /** The share of a key, made by the first who asks for it; it closes once every holder has released it. */
  async hold(key: string, options: () => ShareOptions): Promise<HeldShare> {
    const held = this.#held.get(key) ?? this.#open(key, options());
    held.holders += 1;
    const release = this.#releaseOf(held);
    try {
      await held.opened;
    } catch (fault) {
      release();
      throw fault;
    }
    return { share: held.share, release };
  }

  /** Done once every subscriber that keeps up has been offered what was committed before. */
  async offered(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ share }) => share.offered()));
  }

  #releaseOf(held: Held): () => void {
    return () => {
      held.holders -= 1;
      if (held.holders > 0) return;
      if (this.#held.get(held.key) === held) this.#held.delete(held.key);
      held.share.close();
    };
  }

  #open(key: string, options: ShareOptions): Held {
    const share = new Share(options);
    const held = { key, share, opened: share.open(), holders: 0 };
    this.#held.set(key, held);
    return held;
  }
}
