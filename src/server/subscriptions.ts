import {
  getOperationAST,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLError,
} from 'graphql';
import { makeServer, type Context, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { isAsyncIterable } from 'graphql-yoga';
import type { Ids } from '../app/ports.ts';
import type { Limits } from '../config.ts';
import type { Principal } from '../governance/principal.ts';
import type { Caller } from './caller.ts';
import type { Connections } from './connections.ts';
import { withoutHttp, type ErrorPresenter } from './error-presenter.ts';
import { envelop, type Envelope, type GraphqlHttp } from './graphql-http.ts';
import type { Peer } from './peer.ts';
import type { Tokens } from './tokens.ts';
import { wireError } from './wire-codes.ts';

interface SubscriptionsOptions {
  readonly graphqlHttp: GraphqlHttp;
  readonly tokens: Tokens;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly presenter: ErrorPresenter;
  readonly ids: Ids;
}

/** What is known of one socket. */
export interface Socket {
  readonly peer: Peer;
  principal: Principal | null;
  /** Called when the socket has gone. */
  release: () => void;
}

/** graphql-ws's own idea of a result. */
type Result = Parameters<NonNullable<ServerOptions['onNext']>>[4];
type Connected = Context<Record<string, unknown> | undefined, Socket>;

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

  hooks(): ServerOptions<Connected['connectionParams'], Socket> {
    return {
      onConnect: (context) => this.#connect(context),
      onSubscribe: (context, _id, payload) => this.#prepare(context, payload),
      subscribe: (args) => subscribe(args),
      onError: (_context, _id, payload, errors) => this.#errors(payload, errors).map(withoutHttp),
      onNext: (_context, _id, _payload, _args, result) => formatted(result),
      onComplete: ({ extra }, _id, payload) => {
        const caller = this.#callers.get(payload);
        if (caller !== undefined) extra.peer.completed(caller);
      },
    };
  }

  #connect({ connectionParams, extra }: Connected): boolean {
    const { tokens, connections } = this.#options;
    const principal = tokens.authenticate(connectionParams?.authorization);
    if (principal === null) return false;
    try {
      extra.release = connections.hold({ principal, revoke: () => extra.peer.close('revoked') });
      extra.principal = principal;
      return true;
    } catch {
      extra.peer.close('tooMany');
      return false;
    }
  }

  async #prepare(
    context: Connected,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { ids, limits, presenter } = this.#options;
    const { peer, principal } = context.extra;
    const caller: Caller = { principal, requestId: ids.next(), controller: new AbortController() };
    this.#callers.set(payload, caller);
    try {
      if (Object.keys(context.subscriptions).length > limits.subscriptionsPerSocket)
        throw wireError(
          'LIMIT_EXCEEDED',
          `A socket carries at most ${limits.subscriptionsPerSocket} subscriptions.`,
        );
      const args = await this.#validated(caller, payload);
      peer.began(caller);
      return args;
    } catch (error) {
      return presenter.errors(error instanceof RefusedSubscription ? error.errors : [error], caller);
    }
  }

  async #validated(
    caller: Caller,
    { query, operationName, variables }: SubscribePayload,
  ): Promise<ExecutionArgs> {
    const envelope = envelop(this.#options.graphqlHttp, caller);
    const document = envelope.parse(query);
    const operation = getOperationAST(document, operationName)?.operation;
    if (operation === undefined)
      throw wireError('OPERATION_RESOLUTION_FAILURE', 'Could not determine what operation to execute.');
    if (operation !== OperationTypeNode.SUBSCRIPTION)
      throw wireError(
        'BAD_USER_INPUT',
        `A socket carries subscriptions only. Send a ${operation} over HTTP.`,
      );
    const errors = envelope.validate(envelope.schema, document);
    if (errors.length > 0) throw new RefusedSubscription(errors);
    return {
      schema: envelope.schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: await envelope.contextFactory(),
      rootValue: envelope,
    };
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

function formatted({ data, errors, extensions }: Result): FormattedExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(withoutHttp) }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** graphql-ws would report errors that stand for the whole subscription as its first event. */
async function subscribe({
  rootValue,
  ...args
}: ExecutionArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  const result = await (rootValue as Envelope).subscribe(args);
  if (isAsyncIterable(result) || result.errors === undefined) return result;
  const refused = new RefusedSubscription(result.errors);
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refused) }) };
}
