import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Server } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Limits } from '../../config/config.ts';
import type { Connections } from '../limits/connections.ts';
import type { Log } from '../log.ts';
import { Peer } from './peer.ts';

const PING_MS = 12_000;
/** How long a peer may take to answer a closing; then the socket is cut off. */
const CLOSE_MS = 2_000;

interface SocketsOptions {
  readonly protocol: Server<Peer>;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly log: Log;
}

/** Every WebSocket of the server: it upgrades requests, notices peers that are gone, and closes them all. */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #server: WebSocketServer;
  readonly #peers = new Set<Peer>();
  readonly #pings: NodeJS.Timeout;

  constructor(options: SocketsOptions) {
    this.#options = options;
    const { frameBytes: maxPayload } = options.limits;
    const settings = { noServer: true, maxPayload, closeTimeout: CLOSE_MS, handleProtocols };
    this.#server = new WebSocketServer(settings);
    this.#pings = setInterval(() => {
      for (const peer of this.#peers) peer.ping();
    }, PING_MS);
  }

  upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, duplex, head, (socket) => {
      this.#opened(new Peer(socket, duplex, { log: this.#options.log, request }), socket);
    });
  }

  /** Closes every socket with 1012; done once all are gone, which takes at most two seconds. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    for (const peer of this.#peers) peer.end('shutdown');
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #opened(peer: Peer, socket: WebSocket): void {
    const { protocol, connections, log } = this.#options;
    this.#peers.add(peer);
    const closed = protocol.opened(peer, peer);
    socket.on('error', (err) => log.debug({ err }, 'a socket broke'));
    socket.on('close', (code, reason) => {
      this.#peers.delete(peer);
      peer.gone();
      connections.release(peer);
      closed(code, reason.toString()).catch((err: unknown) => log.error({ err }, 'a socket failed to end'));
    });
  }
}
