import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { makeServer, type Context, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import type { Ids } from '../../app/ports/world.ts';
import type { Limits } from '../../config/config.ts';
import { Caller } from '../access/caller.ts';
import type { Connections } from '../limits/connections.ts';
import { withoutHttp, type ErrorPresenter } from '../error-presenter.ts';
import { envelop, type Envelope, type GraphqlHttp } from '../graphql-http.ts';
import type { PersistedOperations } from '../persisted-operations.ts';
import type { Peer } from './peer.ts';
import type { Sink } from '../sharing/sink.ts';
import { socketAuthorization } from '../access/socket-credentials.ts';
import { Subscriber } from '../sharing/subscriber.ts';
import type { Tokens } from '../access/tokens.ts';
import { wireError } from '../wire-codes.ts';

interface SubscriptionsOptions {
  readonly graphqlHttp: GraphqlHttp;
  readonly tokens: Tokens;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly presenter: ErrorPresenter;
  readonly ids: Ids;
  readonly persistedOperations: PersistedOperations | null;
}

type Connected = Context<Record<string, unknown> | undefined, Peer>;

/** A subscription that has passed every limit. What it begins with is forgotten then: graphql-ws keeps its arguments. */
interface Prepared {
  begin: (() => Promise<ExecutionResult | Subscriber>) | null;
  readonly sink: Sink;
}

/** Errors that stand for a whole subscription, on their way to the `error` message that reports them. */
class RefusedSubscription extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('The subscription was refused.');
    this.errors = errors;
  }
}

/** Subscriptions by the protocol graphql-transport-ws. Every error is answered; only what breaks the protocol closes. */
export function createSubscriptions(options: SubscriptionsOptions) {
  return makeServer(new Subscriptions(options).hooks());
}

class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #callers = new WeakMap<SubscribePayload, Caller>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  hooks(): ServerOptions<Connected['connectionParams'], Peer> {
    return {
      onConnect: (context) => this.#connect(context),
      onSubscribe: (context, id, payload) => this.#prepare(context, id, payload),
      subscribe: (args) => subscribe(args),
      onError: (_context, _id, payload, errors) => this.#errors(payload, errors).map(withoutHttp),
      onComplete: ({ extra }, _id, payload) => {
        const caller = this.#callers.get(payload);
        if (caller !== undefined) extra.completed(caller);
      },
    };
  }

  async #connect({ connectionParams, extra: peer }: Connected): Promise<boolean> {
    const { tokens, connections } = this.#options;
    try {
      const authorization = socketAuthorization(connectionParams, peer.authorization);
      peer.authorization = undefined;
      const principal = await tokens.authenticate(authorization);
      // It may have gone meanwhile, and nobody would release it.
      if (principal === null || !peer.isOpen) return false;
      peer.principal = principal;
      connections.hold(peer, principal);
      return true;
    } catch (error) {
      return refused(peer, error);
    }
  }

  async #prepare(
    context: Connected,
    id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { ids, limits, presenter } = this.#options;
    const { extra: peer } = context;
    const caller = new Caller({ principal: peer.principal, requestId: ids.next() });
    this.#callers.set(payload, caller);
    try {
      if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocket)
        throw wireError(
          'LIMIT_EXCEEDED',
          `A socket carries at most ${limits.subscriptionsPerSocket} subscriptions.`,
        );
      const envelope = envelop(this.#options.graphqlHttp, caller);
      const query = this.#options.persistedOperations?.textOf(payload) ?? payload.query;
      const args = await validated(envelope, { ...payload, query });
      peer.began(caller);
      const prepared: Prepared = { begin: () => envelope.subscribe(args), sink: peer.sink(id) };
      const { schema, document, operationName } = args;
      return { schema, document, operationName, contextValue: null, rootValue: prepared };
    } catch (error) {
      return presenter.errors(error instanceof RefusedSubscription ? error.errors : [error], caller);
    }
  }

  #errors(payload: SubscribePayload, errors: readonly GraphQLError[]): readonly GraphQLError[] {
    const caller = this.#callers.get(payload);
    if (caller === undefined) return errors;
    return this.#options.presenter.errors(
      errors.flatMap((error) =>
        error.originalError instanceof RefusedSubscription ? error.originalError.errors : error,
      ),
      caller,
    );
  }
}

/** Who is refused for now is told to come back. */
function refused(peer: Peer, error: unknown): false {
  const code = error instanceof GraphQLError ? error.extensions.code : undefined;
  if (code === 'LIMIT_EXCEEDED') peer.end('tooMany');
  else if (code === 'OVERLOADED') peer.end('notNow');
  else if (code !== 'UNAUTHENTICATED') throw error;
  return false;
}

/** What a subscription is executed with, once it has passed every limit. */
async function validated(
  envelope: Envelope,
  { query, operationName, variables }: SubscribePayload,
): Promise<ExecutionArgs> {
  const { schema } = envelope;
  const document = envelope.parse(query);
  const operation = getOperationAST(document, operationName)?.operation;
  if (operation === undefined)
    throw wireError('OPERATION_RESOLUTION_FAILURE', 'Could not determine what operation to execute.');
  if (operation !== OperationTypeNode.SUBSCRIPTION)
    throw wireError('BAD_USER_INPUT', `A socket carries subscriptions only. Send a ${operation} over HTTP.`);
  const errors = envelope.validate(schema, document);
  if (errors.length > 0) throw new RefusedSubscription(errors);
  const contextValue = await envelope.contextFactory();
  return { schema, document, operationName, variableValues: variables, contextValue };
}

/** The answers go around graphql-ws; it would also report errors that stand for the whole subscription as its first event. */
async function subscribe({ rootValue }: ExecutionArgs): Promise<AsyncIterable<ExecutionResult>> {
  const prepared = rootValue as Prepared;
  const result = (await prepared.begin?.()) ?? {};
  prepared.begin = null;
  if (result instanceof Subscriber) {
    result.start(prepared.sink);
    return result;
  }
  const refused = new RefusedSubscription(result.errors ?? []);
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refused) }) };
}
