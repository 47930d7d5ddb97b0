import { Readable } from 'node:stream';
import type { Stream } from './access/caller.ts';
import type { EventAnswer, Sink } from './sharing/sink.ts';
import type { Subscriber } from './sharing/subscriber.ts';

const PING_MS = 12_000;
/** With so much waiting to be sent, nothing further is made for a client. */
const FULL = 65_536;
/** How long a client may take to read what waits. */
const STALL_MS = 5_000;
const PING = ':\n\n';
const END = Buffer.from('\n\n');

/** The headers of an event stream. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  // nginx buffers an answer otherwise until it has 4 KiB of it.
  'x-accel-buffering': 'no',
};

/**
 * A subscription as server-sent events, in the words of graphql-sse: `event: next`, the result as `data`, and the cursor of
 * each event as its `id`, so that a client that lost its stream resumes with `Last-Event-ID`. The first `id` stands alone:
 * where the stream began. It never completes, because there is always more to come: a stream that ends is one to resume.
 */
export class EventStream extends Readable implements Sink {
  readonly #subscriber: Subscriber;
  readonly #stream: Stream;
  readonly #ping: NodeJS.Timeout;
  #draining: { readonly done: Promise<void>; readonly resolve: () => void } | null = null;
  #stalled: NodeJS.Timeout | undefined;

  constructor(subscriber: Subscriber, stream: Stream) {
    super({ highWaterMark: FULL });
    this.#subscriber = subscriber;
    this.#stream = stream;
    this.#ping = setInterval(() => {
      if (this.#draining === null) this.push(PING);
    }, PING_MS);
    this.push(`:\nid: ${subscriber.cursor}\n\n`);
    subscriber.start(this);
    void subscriber.next().then(() => this.#end());
  }

  send({ cursor, body }: EventAnswer): boolean {
    if (this.push(Buffer.concat([Buffer.from(`event: next\nid: ${cursor}\ndata: `), body, END]))) return true;
    this.#drain();
    return false;
  }

  drained(): Promise<void> {
    return this.#draining?.done ?? Promise.resolve();
  }

  /** There is room again. */
  override _read(): void {
    clearTimeout(this.#stalled);
    this.#draining?.resolve();
    this.#draining = null;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#subscriber.end();
    done(error);
  }

  /** Lets what waits leave, then ends. */
  #end(): void {
    clearInterval(this.#ping);
    this._read();
    if (!this.destroyed) this.push(null);
  }

  #drain(): void {
    if (this.#draining !== null || this.destroyed) return;
    let resolve: () => void = () => undefined;
    const done = new Promise<void>((settle) => (resolve = settle));
    this.#draining = { done, resolve };
    this.#stalled = setTimeout(() => this.#stream.cut(), STALL_MS);
  }
}
