import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Where a connection breaks: one end first, or both in the middle of what the server says. */
export type Cut = 'CLIENT_FIRST' | 'SERVER_FIRST' | 'MID_MESSAGE';

/** One connection that goes through the proxy. */
class Relay {
  #cutAfter: number | null = null;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
  ) {
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server);
    server.on('data', (data) => this.#said(data));
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  cut(how: Cut, after: number): void {
    if (how === 'MID_MESSAGE') this.#cutAfter = after;
    else if (how === 'CLIENT_FIRST') this.client.resetAndDestroy();
    else this.server.resetAndDestroy();
  }

  /** The bytes before the cut arrive, the rest never does. */
  #said(data: Buffer): void {
    const left = this.#cutAfter;
    if (left === null || data.length < left) {
      if (left !== null) this.#cutAfter = left - data.length;
      this.client.write(data);
      return;
    }
    this.#cutAfter = null;
    this.server.destroy();
    this.client.write(data.subarray(0, left), () => this.client.resetAndDestroy());
  }
}

/** A proxy before a server whose connections can be cut. */
export async function givenProxy(url: string) {
  const { hostname, port, pathname } = new URL(url);
  const relays = new Map<number, Relay>();
  const server = createServer((client) => {
    const { remotePort } = client;
    const relay = new Relay(client, connect(Number(port), hostname));
    if (remotePort === undefined) return;
    relays.set(remotePort, relay);
    client.on('close', () => relays.delete(remotePort));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    /** Cuts the connection of a client by its local port, after so many bytes more if in the middle. False if there is none. */
    cut(localPort: number | undefined, how: Cut, after: number): boolean {
      const relay = localPort === undefined ? undefined : relays.get(localPort);
      relay?.cut(how, after);
      return relay !== undefined;
    },
  };
}
