import {
  createSourceEventStream,
  execute,
  getOperationAST,
  Kind,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { LedgerFeed } from '../app/ledger-feed.ts';
import type { Clock } from '../app/ports.ts';
import type { Limits } from '../config.ts';
import { operationOf, principalOf, type Caller, type CallerContext, type Operation } from './caller.ts';
import type { ErrorPresenter } from './error-presenter.ts';
import { eventAnswers } from './event-answers.ts';
import type { Log } from './log.ts';
import { shareKey } from './share-key.ts';
import type { ShareOptions } from './share.ts';
import type { Shares } from './shares.ts';
import { Subscriber } from './subscriber.ts';
import { withinTime } from './within-time.ts';
import { wireError } from './wire-codes.ts';

/** Each of them repeats the whole value that it finds fault with, so their number multiplies what was sent. */
const MOST_COERCION_ERRORS = 5;

/** An operation before it runs; `document` holds no operation but this one. */
export interface OperationDocument {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** How operations are executed. */
export interface ExecutionOptions<Context extends object> {
  readonly limits: Limits;
  readonly context: (operation: Operation) => Context | Promise<Context>;
  readonly cost: ((operation: OperationDocument) => number) | undefined;
  readonly presenter: ErrorPresenter;
  readonly shares: Shares;
  readonly clock: Clock;
  readonly log: Log;
}

type Args = ExecutionArgs & { readonly contextValue: CallerContext };

/**
 * Executes what passed validation. Resolvers see exactly what the context factory made: once per query and mutation, and
 * anew for events of a subscription, because what a context remembers is stale by the next.
 */
export class Execution<Context extends object> {
  readonly #options: ExecutionOptions<Context>;

  constructor(options: ExecutionOptions<Context>) {
    this.#options = options;
  }

  /** The hooks through which HTTP, WebSocket and SSE alike execute. */
  plugin(): Plugin<CallerContext> {
    return {
      onExecute: ({ setExecuteFn }) => setExecuteFn((args) => this.#execute(args as Args)),
      onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args) => this.#subscribe(args as Args)),
    };
  }

  async #execute(args: Args): Promise<ExecutionResult> {
    return this.#presented(args.contextValue.caller, async () => {
      this.#checkCost(args);
      return this.#withinTime(args, this.#resolverArgs(args).then(execute));
    });
  }

  async #subscribe(args: Args): Promise<ExecutionResult | Subscriber> {
    const { caller } = args.contextValue;
    return this.#presented(caller, async () => {
      this.#checkCost(args);
      caller.stream?.hold(caller);
      const source = await this.#withinTime(args, this.#source(args));
      return source instanceof LedgerFeed ? this.#subscriber(args, source) : source;
    });
  }

  async #subscriber(args: Args, feed: LedgerFeed<Context>): Promise<Subscriber> {
    const { caller } = args.contextValue;
    const key = shareKey(args, principalOf(caller));
    const { share, release } = await this.#options.shares.hold(key, () => this.#shareOptions(args, feed));
    const subscriber = new Subscriber({ share, from: feed.from, onEnd: release });
    caller.subscribed(subscriber);
    return subscriber;
  }

  /** Whoever subscribes first asks for all who share the answers. */
  #shareOptions(args: Args, feed: LedgerFeed<Context>): ShareOptions {
    const { clock, log } = this.#options;
    const { caller } = args.contextValue;
    const { requestId } = caller;
    const onFault = (err: unknown) =>
      log.warn({ requestId, err }, 'events could not be answered; it is tried again');
    return { feed, clock, onFault, answer: eventAnswers({ ...this.#options, args, caller, feed }) };
  }

  async #source(args: Args): Promise<LedgerFeed<Context> | ExecutionResult> {
    const source = await createSourceEventStream(await this.#resolverArgs(args));
    if (!isAsyncIterable(source)) return source;
    if (isFeed<Context>(source)) return source;
    throw new Error('A subscription must follow the ledger.');
  }

  async #resolverArgs(args: Args): Promise<ExecutionArgs> {
    const contextValue = await this.#options.context(operationOf(args.contextValue.caller));
    const options = { maxCoercionErrors: MOST_COERCION_ERRORS };
    return { ...args, rootValue: undefined, contextValue, hideSuggestions: true, options };
  }

  #withinTime<T>({ contextValue: { caller } }: Args, work: Promise<T>): Promise<T> {
    return withinTime({ ms: this.#options.limits.executionMs, signal: caller.signal }, work);
  }

  async #presented<Answer extends ExecutionResult | Subscriber>(
    caller: Caller,
    work: () => Promise<Answer>,
  ): Promise<Answer | ExecutionResult> {
    const { presenter } = this.#options;
    try {
      const answer = await work();
      return answer instanceof Subscriber ? answer : presenter.result(answer, caller);
    } catch (error) {
      return { errors: presenter.errors([error], caller) };
    }
  }

  #checkCost({ document, operationName, variableValues }: Args): void {
    const { cost, limits } = this.#options;
    const operation = getOperationAST(document, operationName);
    if (cost === undefined || operation === null) return;
    const definitions = document.definitions.filter(
      (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition === operation,
    );
    const found = cost({ document: { ...document, definitions }, variables: variableValues ?? {} });
    if (found > limits.cost)
      throw wireError('LIMIT_EXCEEDED', `Query cost limit of ${limits.cost} exceeded, found ${found}.`);
  }
}

function isFeed<Context>(source: unknown): source is LedgerFeed<Context> {
  return source instanceof LedgerFeed;
}
