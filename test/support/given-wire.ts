import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a port of this machine that a test can break. */
export interface Wire {
  readonly port: number;
  /** How many connections were made over it. */
  readonly connections: () => number;
  /** Breaks every connection, and lets none be made until `restore`. */
  cut(): void;
  restore(): void;
  /** Lets nothing more through on the connections that there are, and says nothing. */
  silence(): void;
  /** Sends something to every client in the name of the server. */
  inject(bytes: Buffer): void;
}

/** Opens a wire that ends with the test. */
export async function givenWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let isCut = false;
  let connections = 0;
  const join = (one: Socket, other: Socket) => {
    sockets.add(one);
    one
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(one);
        clients.delete(one);
        other.destroy();
      });
    one.pipe(other);
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    connections += 1;
    clients.add(near);
    const far = connect(port, '127.0.0.1');
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    cut,
    restore: () => {
      isCut = false;
    },
    silence: () => {
      for (const socket of sockets) socket.unpipe();
    },
    inject: (bytes) => {
      for (const client of clients) client.write(bytes);
    },
  };
}
