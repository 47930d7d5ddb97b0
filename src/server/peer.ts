import type { WebSocket } from 'ws';
import type { Caller } from './caller.ts';
import type { EventAnswer, Sink } from './sink.ts';

/** With so much waiting to be sent, nothing further is made for a peer. */
const FULL = 65_536;
/** What one socket may have waiting at all: beyond it the peer does not keep up. */
const MOST_WAITING = 1_048_576;
/** How long a peer may take to read what waits. */
const STALL_MS = 5_000;
const TEXT = { binary: false };
const END = Buffer.from('}');

/** Why this server closes a socket. Clients come back on all of them, with the last cursor they got. */
export const CLOSINGS = {
  /** The token has expired, was removed or changed. */
  revoked: [4403, 'Forbidden'],
  /** The peer does not read; it can't read this either, so its last cursor is what counts. */
  tooSlow: [1013, 'Too slow'],
  /** The principal holds as many connections as it may. */
  tooMany: [1013, 'LIMIT_EXCEEDED: too many connections'],
  shutdown: [1012, 'Service restart'],
} as const satisfies Record<string, readonly [number, string]>;

/** The other end of one socket: what it runs, and how much of what it was sent it still has to read. */
export class Peer {
  readonly #socket: WebSocket;
  readonly #callers = new Set<Caller>();
  #answered = true;
  #draining: Promise<void> | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', () => {
      this.#answered = true;
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a message of the protocol. */
  send(message: string): void {
    this.#offer(Buffer.from(message));
    if (this.#socket.bufferedAmount > MOST_WAITING) this.close('tooSlow');
  }

  /** Where the answers of one subscription go: around the protocol's own messages, which would serialise them again. */
  sink(id: string): Sink {
    const beginning = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    return {
      send: ({ body }: EventAnswer) => this.#offer(Buffer.concat([beginning, body, END])),
      drained: () => this.#draining ?? Promise.resolve(),
    };
  }

  /** Closes the socket and ends at once what it runs. */
  close(why: keyof typeof CLOSINGS): void {
    const [code, reason] = CLOSINGS[why];
    this.#socket.close(code, reason);
    this.gone();
  }

  /** Counts one operation until `completed`. */
  began(caller: Caller): void {
    this.#callers.add(caller);
  }

  completed(caller: Caller): void {
    this.#callers.delete(caller);
    caller.leave();
  }

  /** Ends what the socket runs. */
  gone(): void {
    for (const caller of this.#callers) this.completed(caller);
  }

  /** Asks whether the peer is still there; one that did not answer the last time is cut off. */
  ping(): void {
    if (!this.#answered) this.#socket.terminate();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
    this.#answered = false;
  }

  /** Sends; false if the next should wait until what waits has left. */
  #offer(message: Buffer): boolean {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return false;
    if (this.#draining === null && socket.bufferedAmount + message.length <= FULL) {
      socket.send(message, TEXT);
      return true;
    }
    this.#drain(message);
    return false;
  }

  #drain(message: Buffer): void {
    const draining = new Promise<void>((resolve) => {
      const stalled = setTimeout(() => this.close('tooSlow'), STALL_MS);
      this.#socket.send(message, TEXT, () => {
        clearTimeout(stalled);
        if (this.#draining === draining) this.#draining = null;
        resolve();
      });
    });
    this.#draining = draining;
  }
}
