import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { EventServer } from './event-server.ts';

/** Nothing but sockets: an event is a message that is sent to all of them as it is. */
export async function rawServer(): Promise<EventServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const event = (message: string) => {
    const began = process.hrtime.bigint();
    for (const socket of sockets.clients) socket.send(message);
    return Promise.resolve(began);
  };
  return { url: `http://127.0.0.1:${port}/`, token: null, event };
}
