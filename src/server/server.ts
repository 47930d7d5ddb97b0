// server/ holds THE WIRE: HTTP, WebSocket and SSE, authentication, limits, the shape of errors, probes, shutdown. It carries
// any schema and decides nothing about agents: rights are the use cases', rules are governance's.
//
//   const tokens = await openTokens({ file, jwt, host, clock, ids, log });        // tokens.ts; print tokens.fresh
//   const server = await startServer({ config, schema, context, tokens, … });     // listens
//   await server.close(); tokens.close();                                         // at most five seconds
//
// `context` makes the context that resolvers see of an Operation { principal, requestId, signal }: once for a query or mutation;
// for a subscription once for its subscribe resolver, and again for each of its events.
//
// Who owns whom, from the connection to the ledger:
//   Connections   counts what each principal holds open, and revokes it when its token ends. A Connection is a Peer or a Stream.
//   Peer          one WebSocket: it owns the Callers of its operations, and gives each subscription a SocketSink.
//   Stream        one HTTP answer that may stay open: it owns one Caller.
//   Caller        one operation of one principal: leaving it aborts the operation or ends its subscription.
//   Subscriber    one subscription: it sends answers from a cursor on to its Sink, and belongs to one Share.
//   Sink          where answers go: a SocketSink on a Peer, or the EventStream of a Stream. It says when it is full.
//   Share         all Subscribers that are answered alike: each event is executed and serialised once for them.
//   Shares        the Shares by their keys; a Share ends with its last Subscriber.
import { createServer } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { Gauge } from 'prom-client';
import type { Clock, Ids } from '../app/ports/world.ts';
import type { Config } from '../config/config.ts';
import { Connections } from './limits/connections.ts';
import { ErrorPresenter } from './error-presenter.ts';
import { Execution, type ExecutionOptions } from './execution.ts';
import { createGraphqlHttp, GRAPHQL_PATH } from './graphql-http.ts';
import { HttpRoutes } from './http-routes.ts';
import { limitPlugins } from './limits/limits.ts';
import { asksForWebSocket, ignoreUpgrade } from './websocket/ignored-upgrade.ts';
import { listen } from './listen.ts';
import type { Log } from './log.ts';
import { OperationRate } from './limits/operation-rate.ts';
import { Origins } from './access/origins.ts';
import type { PersistedOperations } from './persisted-operations.ts';
import { Probes, type ProbesOptions } from './probes.ts';
import { Shares } from './sharing/shares.ts';
import { Sockets } from './websocket/sockets.ts';
import { createSubscriptions } from './websocket/subscriptions.ts';

const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 };
/** Once the server stops, how long answers that are being made may take, and then making and sending the last events. */
const GRACE_MS = 2_000;
const OFFER_MS = 500;

/** What the wire carries, and what it needs of the world. */
export interface ServerOptions<Context extends object> extends ProbesOptions {
  readonly config: Pick<Config, 'host' | 'port' | 'production' | 'limits' | 'allowedOrigins'>;
  readonly schema: GraphQLSchema;
  readonly context: ExecutionOptions<Context>['context'];
  /** What an operation costs, held against `limits.cost` before it runs; without it the schema has to see to that. */
  readonly cost?: NonNullable<ExecutionOptions<Context>['cost']>;
  /** Whether pages of this machine may call, whatever their port; false if left out. */
  readonly loopbackOrigins?: boolean;
  /** What everybody but admins is held to; without it, any operation is answered. */
  readonly persistedOperations?: PersistedOperations | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /**
   * Refuses what is new, lets answers finish, offers subscribers what these appended, closes sockets with 1012, and is done
   * within five seconds.
   */
  close(): Promise<void>;
}

/**
 * Starts the server. Its metrics join `metrics`, so each server takes a registry of its own.
 * @throws ListenError
 */
export async function startServer<Context extends object>(
  options: ServerOptions<Context>,
): Promise<RunningServer> {
  const { config } = options;
  const { routes, sockets, connections, probes, shares } = assemble(options);
  const server = createServer(TIMEOUTS, routes.request);
  server.on('connection', routes.connection).on('upgrade', (request, duplex, head) => {
    if (asksForWebSocket(request)) routes.upgrade(request, duplex, head);
    else ignoreUpgrade(server, request, duplex, head);
  });
  const stop = async () => {
    probes.stopping();
    connections.close();
    const closed = new Promise((resolve) => server.close(resolve));
    await atMost(GRACE_MS, routes.finished());
    await atMost(OFFER_MS, shares.offered());
    routes.endStreams();
    const socketsClosed = sockets.close();
    await atMost(OFFER_MS, closed);
    server.closeAllConnections();
    await Promise.all([closed, socketsClosed]);
  };
  let stopped: Promise<void> | undefined;
  const close = () => (stopped ??= stop());
  try {
    const port = await listen(server, config);
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return { url: `http://${host}:${port}${GRAPHQL_PATH}`, port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function assemble<Context extends object>(options: ServerOptions<Context>) {
  const { config, schema, context, cost, tokens, metrics, clock, ids, log } = options;
  const { persistedOperations = null } = options;
  const { limits, production } = config;
  let subscriptions = 0;
  reportSubscribers(metrics, () => subscriptions);
  const presenter = new ErrorPresenter(log, clock);
  const shares = new Shares((change) => {
    subscriptions += change;
  });
  const execution = new Execution({
    limits,
    context,
    cost,
    presenter,
    shares,
    clock,
    log,
  });
  const rate = new OperationRate(clock, limits);
  const persisted = persistedOperations === null ? [] : [persistedOperations.plugin()];
  const shared = [...limitPlugins({ limits, production, rate }), ...persisted, execution.plugin()];
  const origins = new Origins(config.allowedOrigins, { loopback: options.loopbackOrigins ?? false, log });
  const graphqlHttp = createGraphqlHttp({ config, origins, schema, presenter, shared });
  const connections = new Connections({ tokens, clock, most: limits.socketsPerPrincipal });
  const protocol = createSubscriptions({
    graphqlHttp,
    tokens,
    connections,
    limits,
    presenter,
    ids,
    persistedOperations,
  });
  const sockets = new Sockets({ protocol, connections, limits, log });
  const probes = new Probes(options);
  const wire = { graphqlHttp, sockets, connections, probes };
  const routes = new HttpRoutes({ ...wire, config, origins, tokens, ids, log });
  return { routes, sockets, connections, probes, shares };
}

function reportSubscribers(metrics: ProbesOptions['metrics'], count: () => number): void {
  new Gauge({
    name: 'tierkeeper_subscribers',
    help: 'Subscriptions that are open now, over WebSocket and SSE.',
    registers: [metrics],
    collect() {
      this.set(count());
    },
  });
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let stop: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (stop = setTimeout(resolve, ms)))]);
  clearTimeout(stop);
}
