import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { openFleet, principal } from '../fleet/open-fleet.ts';
import { eligibleAgents, type EventServer } from './event-server.ts';

/** The same schema behind graphql-ws as its documentation says: every subscriber follows, executes and serialises for itself. */
export async function ordinaryServer(file: string): Promise<EventServer> {
  const engine = await openFleet(file);
  const viewer = principal('bench:viewer', 'VIEWER');
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: '/graphql' });
  useServer({ schema: engine.schema, context: () => engine.contextFor(viewer) }, sockets);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, token: 'any', event: eligibleAgents(engine.app) };
}
