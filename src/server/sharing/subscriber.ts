import { writeCursor, type Cursor } from '../../governance/ledger/cursor.ts';
import type { Share, Shared } from './share.ts';
import type { EventAnswer, Sink } from './sink.ts';

const DONE = { done: true, value: undefined } as const;

interface SubscriberOptions {
  readonly share: Share;
  /** Everything after it is sent. */
  readonly from: Cursor;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
}

/**
 * One subscription of one peer: it is sent every answer once and in order, and never has more than its sink takes waiting.
 * To the libraries of the wire it is a stream that gives nothing and ends: what it is sent goes to the sink as it is.
 */
export class Subscriber implements AsyncIterableIterator<never>, Shared {
  /** Where it begins. */
  readonly cursor: string;
  readonly #share: Share;
  readonly #onEnd: () => void;
  #waiting: readonly ((result: IteratorResult<never>) => void)[] = [];
  #position: number;
  #sink: Sink | null = null;
  #ended = false;

  constructor({ share, from, onEnd }: SubscriberOptions) {
    this.cursor = writeCursor(from);
    this.#share = share;
    this.#position = from.seq;
    this.#onEnd = onEnd;
    share.lag(this);
  }

  /** Begins to send. */
  start(sink: Sink): void {
    this.#sink = sink;
    void this.#catchUp(sink);
  }

  /** Sends the next answer to one that has all before it. */
  push(answer: EventAnswer): void {
    if (answer.seq <= this.#position || this.#sink === null || this.#send(this.#sink, answer)) return;
    this.#share.lag(this);
    void this.#catchUp(this.#sink);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#share.leave(this);
    for (const settle of this.#waiting) settle(DONE);
    this.#waiting = [];
    this.#onEnd();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<never>> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, resolve];
    });
  }

  return(): Promise<IteratorResult<never>> {
    this.end();
    return Promise.resolve(DONE);
  }

  #hasEnded(): boolean {
    return this.#ended;
  }

  #send(sink: Sink, answer: EventAnswer): boolean {
    this.#position = answer.seq;
    return sink.send(answer);
  }

  async #catchUp(sink: Sink): Promise<void> {
    await sink.drained();
    while (!this.#hasEnded() && !this.#share.joins(this, this.#position)) {
      const page = await this.#share.after(this.#position);
      if (page === null) return;
      for await (const answer of this.#share.answers(page.entries)) {
        if (this.#hasEnded()) return;
        if (!this.#send(sink, answer)) await sink.drained();
      }
      this.#position = Math.max(this.#position, page.upTo);
    }
  }
}
