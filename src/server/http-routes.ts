import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import type { Ids } from '../app/ports/world.ts';
import type { Config } from '../config/config.ts';
import type { Principal } from '../governance/principals/principal.ts';
import { Caller, type CallerIdentity, type Stream } from './access/caller.ts';
import type { Connections } from './limits/connections.ts';
import { asksForGraphiql, sendGraphiql } from './graphiql/graphiql.ts';
import { GRAPHQL_PATH, type GraphqlHttp } from './graphql-http.ts';
import type { Log } from './log.ts';
import { ORIGIN_REFUSED, type Origins } from './access/origins.ts';
import { sendJson, type Probes } from './probes.ts';
import { normalizeHead, pathOf } from './request-head.ts';
import { routeOf, type Exchange, type Route } from './route.ts';
import { DATA_HEADERS, PAGE_HEADERS } from './security-headers.ts';
import type { Sockets } from './websocket/sockets.ts';
import type { Tokens } from './access/tokens.ts';

interface HttpRoutesOptions {
  readonly config: Pick<Config, 'production'>;
  readonly origins: Origins;
  readonly graphqlHttp: GraphqlHttp;
  readonly sockets: Sockets;
  readonly connections: Connections;
  readonly probes: Probes;
  readonly tokens: Tokens;
  readonly ids: Ids;
  readonly log: Log;
}

/** Takes every request to what answers it, and knows which answers are still open. */
export class HttpRoutes {
  readonly #options: HttpRoutesOptions;
  readonly #routes: readonly Route[];
  /** Connections that browsers open in advance; Node does not count them as idle. */
  readonly #unused = new Set<Duplex>();
  readonly #known = new WeakSet<Duplex>();
  readonly #open = new Set<ServerResponse>();
  readonly #streams = new Map<ServerResponse, Caller>();

  constructor(options: HttpRoutesOptions) {
    this.#options = options;
    this.#routes = this.#table();
  }

  readonly connection = (socket: Socket): void => {
    // One that had asked for another protocol comes again.
    if (this.#known.has(socket)) return;
    this.#known.add(socket);
    this.#unused.add(socket);
    socket.once('close', () => this.#unused.delete(socket));
  };

  readonly request = (request: IncomingMessage, response: ServerResponse): void => {
    const { ids, log } = this.#options;
    const requestId = ids.next();
    normalizeHead(request);
    const path = pathOf(request);
    this.#unused.delete(request.socket);
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      log.debug(
        { requestId, method: request.method, path, status: response.statusCode },
        'answered a request',
      );
    });
    response.setHeader('x-request-id', requestId);
    const route = routeOf(this.#routes, path, request) ?? NOT_FOUND;
    setHeaders(response, route.headers);
    route.answer({ request, response, requestId }).catch((err: unknown) => {
      log.error({ requestId, path, err }, 'a request failed');
      if (response.headersSent) return void response.destroy();
      setHeaders(response, DATA_HEADERS);
      void sendJson(response, 500, { error: 'internal', requestId });
    });
  };

  readonly upgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    const { sockets, origins, log } = this.#options;
    this.#unused.delete(duplex);
    normalizeHead(request);
    duplex.on('error', (err) => log.debug({ err }, 'an upgrade broke'));
    if (pathOf(request) !== GRAPHQL_PATH) refuse(duplex, '404 Not Found', `The API is ${GRAPHQL_PATH}.`);
    else if (!origins.allows(request)) {
      origins.refused(request.headers.origin ?? '');
      refuse(duplex, '403 Forbidden', ORIGIN_REFUSED);
    } else sockets.upgrade(request, duplex, head);
  };

  /** Done once everything has been answered but subscriptions, on connections that are not used again. */
  async finished(): Promise<void> {
    for (const socket of this.#unused) socket.destroy();
    const answering = [...this.#open].filter((response) => !this.#streams.has(response));
    for (const response of answering) response.shouldKeepAlive = false;
    await Promise.all(answering.map((response) => new Promise((resolve) => response.once('close', resolve))));
  }

  /** Ends subscriptions once they have been sent what waits for them; their clients come back. */
  endStreams(): void {
    for (const caller of this.#streams.values()) caller.subscriber?.end();
  }

  #table(): readonly Route[] {
    const { probes, config } = this.#options;
    const headers = DATA_HEADERS;
    const graphiql: Route = {
      path: GRAPHQL_PATH,
      takes: asksForGraphiql,
      headers: PAGE_HEADERS,
      answer: ({ response }) => sendGraphiql(response),
    };
    return [
      ...(config.production ? [] : [graphiql]),
      { path: GRAPHQL_PATH, headers, answer: (exchange) => this.#graphql(exchange) },
      { path: '/healthz', headers, answer: ({ response }) => sendJson(response, 200, { alive: true }) },
      { path: '/readyz', headers, answer: ({ response }) => probes.readyz(response) },
      { path: '/metrics', headers, answer: ({ request, response }) => probes.metrics(request, response) },
    ];
  }

  async #graphql({ request, response, requestId }: Exchange): Promise<void> {
    const { graphqlHttp, origins } = this.#options;
    if (!origins.allows(request)) {
      origins.refused(request.headers.origin ?? '');
      if (request.method === 'OPTIONS') return sendJson(response, 403, { error: ORIGIN_REFUSED });
    }
    // Nothing depends on it, and a malformed one would break the URL that the request is given.
    request.headers.host = 'localhost';
    await graphqlHttp(request, response, { caller: await this.#caller(request, response, requestId) });
  }

  async #caller(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<Caller> {
    const identity = await this.#identity(request);
    const { principal } = identity;
    const stream = principal === null ? null : this.#stream(principal, request, response);
    const caller = new Caller({ ...identity, requestId }, stream);
    if (response.destroyed) caller.leave();
    else response.once('close', () => caller.leave());
    return caller;
  }

  /** What keeps a token from being checked is told as an answer of GraphQL. */
  async #identity({ headers }: IncomingMessage): Promise<Pick<CallerIdentity, 'principal' | 'refusal'>> {
    try {
      return { principal: await this.#options.tokens.authenticate(headers.authorization) };
    } catch (error) {
      if (error instanceof GraphQLError) return { principal: null, refusal: error };
      throw error;
    }
  }

  #stream(principal: Principal, { headers }: IncomingMessage, response: ServerResponse): Stream {
    const lastEventId = headers['last-event-id'];
    const cut = () => void response.destroy();
    return {
      lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
      cut,
      hold: (caller) => {
        const connection = { principal, revoke: cut };
        this.#options.connections.hold(connection, principal);
        this.#streams.set(response, caller);
        response.once('close', () => {
          this.#streams.delete(response);
          this.#options.connections.release(connection);
        });
      },
    };
  }
}

const NOT_FOUND: Omit<Route, 'path'> = {
  headers: DATA_HEADERS,
  answer: ({ response }) => sendJson(response, 404, { error: `the API is ${GRAPHQL_PATH}` }),
};

function setHeaders(response: ServerResponse, headers: Route['headers']): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function refuse(duplex: Duplex, status: string, error: string): void {
  const body = JSON.stringify({ error });
  const head = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  duplex.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => duplex.destroy());
}
