import type { WebSocket } from 'ws';
import type { Caller } from './caller.ts';

/** What one socket may have waiting to be sent: beyond it the peer does not keep up. */
const MOST_WAITING = 1_048_576;

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
  readonly #stallMs: number;
  readonly #callers = new Set<Caller>();
  #answered = true;

  /** @param stallMs how long one message may wait to be sent */
  constructor(socket: WebSocket, stallMs: number) {
    this.#socket = socket;
    this.#stallMs = stallMs;
    socket.on('pong', () => {
      this.#answered = true;
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a message; resolved once it has left, so that nothing further is made for a peer that does not read. */
  send(message: string): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.resolve();
    return new Promise((resolve) => {
      let stalled: NodeJS.Timeout | undefined;
      this.#socket.send(message, () => {
        clearTimeout(stalled);
        resolve();
      });
      const waiting = this.#socket.bufferedAmount;
      if (waiting > MOST_WAITING) this.close('tooSlow');
      else if (waiting > 0) stalled = setTimeout(() => this.close('tooSlow'), this.#stallMs);
    });
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
    caller.controller.abort();
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
}
