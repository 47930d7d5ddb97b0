import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Principal } from '../../governance/principals/principal.ts';
import type { Caller } from '../access/caller.ts';
import type { Connection } from '../limits/connections.ts';
import type { Log } from '../log.ts';
import { SocketSink } from './socket-sink.ts';

/** With so much waiting to be sent, nothing further is made for a peer. */
const FULL = 65_536;
/** What one socket may have waiting at all: beyond it the peer does not keep up. */
const MOST_WAITING = 1_048_576;
/** How long a peer may take to read what waits. */
const STALL_MS = 5_000;
/** What is sent in one turn leaves in one piece, of up to so many bytes. */
const PIECE = 16_384;
const TEXT = { binary: false };

/** Why this server closes a socket. Clients come back on all of them, with the last cursor they got. */
export const CLOSINGS = {
  /** The token has expired, was removed or changed. */
  revoked: [4403, 'Forbidden'],
  /** The peer does not read; it can't read this either, so its last cursor is what counts. */
  tooSlow: [1013, 'Too slow'],
  /** The principal holds as many connections as it may. */
  tooMany: [1013, 'LIMIT_EXCEEDED: too many connections'],
  /** Whether its token is valid can't be known now. */
  notNow: [1013, 'OVERLOADED: tokens can’t be checked now'],
  shutdown: [1012, 'Service restart'],
} as const satisfies Record<string, readonly [number, string]>;

/**
 * The other end of one socket: who it is, what it runs, and how much of what it was sent it still has to read. There are
 * thousands of them, so each is one object: the socket of graphql-ws and the connection of its principal in one.
 */
export class Peer implements ProtocolSocket, Connection {
  /** Who it is, once it has said so. */
  principal: Principal | null = null;
  /** The `Authorization` header of the upgrade request, until the peer is authenticated. */
  authorization: string | undefined;
  readonly #socket: WebSocket;
  readonly #duplex: Duplex;
  readonly #log: Log;
  #callers: readonly Caller[] = [];
  #answered = true;
  #gone = false;
  #draining: Promise<void> | null = null;
  #gathered: number | null = null;

  /** `duplex` is what the socket stands on. */
  constructor(
    socket: WebSocket,
    duplex: Duplex,
    { log, request }: { readonly log: Log; readonly request: IncomingMessage },
  ) {
    this.authorization = request.headers.authorization;
    this.#socket = socket;
    this.#duplex = duplex;
    this.#log = log;
    socket.on('pong', () => {
      this.#answered = true;
    });
  }

  /** Whether it can still be sent anything. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  onMessage(handle: (message: string) => Promise<void>): void {
    this.#socket.on('message', (data: Buffer) => {
      handle(data.toString()).catch((err: unknown) => {
        this.#log.error({ err }, 'a socket failed');
        this.close(1011, 'Internal error');
      });
    });
  }

  /** Sends a message of the protocol. */
  send(message: string): void {
    this.offer(Buffer.from(message));
    if (this.#socket.bufferedAmount > MOST_WAITING) this.end('tooSlow');
  }

  /** Closes the socket and ends at once what it runs. */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
    this.gone();
  }

  /** Where the answers of one subscription go: around the protocol's own messages, which would serialise them again. */
  sink(id: string): SocketSink {
    return new SocketSink(this, id);
  }

  /** Sends; false if the next should wait until it has drained. */
  offer(message: Buffer): boolean {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return false;
    this.#gather(message.length);
    if (this.#draining === null && socket.bufferedAmount + message.length <= FULL) {
      socket.send(message, TEXT);
      return true;
    }
    this.#drain(message);
    return false;
  }

  /** Resolved once what waits to be sent has left, or the socket is gone. */
  drained(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  /** Closes it for one of the reasons that clients come back after. */
  end(why: keyof typeof CLOSINGS): void {
    const [code, reason] = CLOSINGS[why];
    this.close(code, reason);
  }

  revoke(): void {
    this.end('revoked');
  }

  /** Counts one operation until `completed`. */
  began(caller: Caller): void {
    this.#callers = [...this.#callers, caller];
    if (this.#gone) this.completed(caller);
  }

  completed(caller: Caller): void {
    this.#callers = this.#callers.filter((each) => each !== caller);
    caller.leave();
  }

  /** Ends what the socket runs, and what it still begins. */
  gone(): void {
    this.#gone = true;
    for (const caller of this.#callers) this.completed(caller);
  }

  /** Asks whether the peer is still there; one that did not answer the last time is cut off. */
  ping(): void {
    if (!this.#answered) this.#socket.terminate();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
    this.#answered = false;
  }

  /** Events that are answered together are written together: most of what sending one costs is the call. */
  #gather(bytes: number): void {
    if (this.#gathered === null) process.nextTick(() => this.#letGo());
    else if (this.#gathered + bytes > PIECE) this.#duplex.uncork();
    else return void (this.#gathered += bytes);
    this.#gathered = bytes;
    this.#duplex.cork();
  }

  #letGo(): void {
    this.#gathered = null;
    this.#duplex.uncork();
  }

  #drain(message: Buffer): void {
    const draining = new Promise<void>((resolve) => {
      const stalled = setTimeout(() => this.end('tooSlow'), STALL_MS);
      this.#socket.send(message, TEXT, () => {
        clearTimeout(stalled);
        if (this.#draining === draining) this.#draining = null;
        resolve();
      });
    });
    this.#draining = draining;
  }
}
