import type { ExecutionResult } from 'graphql';

const DONE = { done: true, value: undefined } as const;

interface EventStreamOptions {
  readonly source: AsyncIterable<unknown>;
  /** Makes the answer to one event. */
  readonly answer: (event: unknown) => Promise<ExecutionResult>;
  /** Ends the stream, even while it waits. */
  readonly signal: AbortSignal;
  /** Called once, however the stream ends. */
  readonly onEnd: () => void;
}

/**
 * The answers to the events of a subscription, one at a time and in order. It reads no event before the last answer was
 * taken, so a slow consumer costs no memory. `return` returns the source at once and settles a pending `next`; an async
 * generator would queue the one behind the other until an event comes that may never come.
 */
export class EventStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<unknown>;
  readonly #options: EventStreamOptions;
  readonly #waiting = new Set<(result: IteratorResult<ExecutionResult>) => void>();
  #ended = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#source = options.source[Symbol.asyncIterator]();
    if (options.signal.aborted) this.#end();
    else options.signal.addEventListener('abort', this.#end, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      const settle = (result: IteratorResult<ExecutionResult>) => {
        this.#waiting.delete(settle);
        resolve(result);
      };
      this.#waiting.add(settle);
      this.#read().then(settle, (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        this.#end();
      });
    });
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  async #read(): Promise<IteratorResult<ExecutionResult>> {
    const result: IteratorResult<unknown> = await this.#source.next();
    if (this.#ended) return DONE;
    if (result.done !== true) return { done: false, value: await this.#options.answer(result.value) };
    this.#end();
    return DONE;
  }

  readonly #end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal.removeEventListener('abort', this.#end);
    for (const settle of this.#waiting) settle(DONE);
    // What the source still has to say has no listener any more.
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
    this.#options.onEnd();
  };
}
