import {
  createSourceEventStream,
  execute,
  getOperationAST,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { LedgerFeed } from '../app/feed/ledger-feed.ts';
import type { Clock } from '../app/ports/world.ts';
import type { Limits } from '../config/config.ts';
import type { OperationCost, PricedOperation } from '../graphql/operation-cost.ts';
import {
  operationOf,
  principalOf,
  type Caller,
  type CallerContext,
  type Operation,
} from './access/caller.ts';
import type { ErrorPresenter } from './error-presenter.ts';
import { eventAnswers } from './sharing/event-answers.ts';
import type { Log } from './log.ts';
import { Gate } from './limits/gate.ts';
import { priced, UNPRICED, withCost, type Priced } from './limits/priced.ts';
import { shareKey } from './sharing/share-key.ts';
import type { ShareOptions } from './sharing/share.ts';
import type { Shares } from './sharing/shares.ts';
import { Subscriber } from './sharing/subscriber.ts';
import { withinTime } from './limits/within-time.ts';

/** Each of them repeats the whole value that it finds fault with, so their number multiplies what was sent. */
const MOST_COERCION_ERRORS = 5;
/** An event may cost this part of what an operation may: it is answered again and again, and for many at once. */
const EVENT_PART = 10;
/** Events that cost so much, in units, are answered one after the other: 4 ms each. */
const DEAR = 2_000;

/** How operations are executed. */
export interface ExecutionOptions<Context extends object> {
  readonly limits: Limits;
  readonly context: (operation: Operation) => Context | Promise<Context>;
  readonly cost: ((operation: PricedOperation) => OperationCost) | undefined;
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
  readonly #gate = new Gate();

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
    const priced = this.#priced(args);
    const answer = await this.#presented(args.contextValue.caller, async () => {
      priced.check();
      return this.#withinTime(args, this.#resolverArgs(args, priced).then(execute));
    });
    return withCost(answer, priced.told);
  }

  async #subscribe(args: Args): Promise<ExecutionResult | Subscriber> {
    const { caller } = args.contextValue;
    const priced = this.#priced(args);
    const answer = await this.#presented<ExecutionResult | Subscriber>(caller, async () => {
      priced.check();
      caller.stream?.hold(caller);
      const source = await this.#withinTime(args, this.#source(args, priced));
      return source instanceof LedgerFeed ? this.#subscriber(args, source, priced) : source;
    });
    return answer instanceof Subscriber ? answer : withCost(answer, priced.told);
  }

  async #subscriber(args: Args, feed: LedgerFeed<Context>, priced: Priced): Promise<Subscriber> {
    const { caller } = args.contextValue;
    const key = shareKey(args, principalOf(caller));
    const { share, release } = await this.#options.shares.hold(key, () =>
      this.#shareOptions(args, feed, priced),
    );
    const subscriber = new Subscriber({ share, from: feed.from, onEnd: release });
    caller.subscribed(subscriber);
    return subscriber;
  }

  /** Whoever subscribes first asks for all who share the answers. */
  #shareOptions(args: Args, feed: LedgerFeed<Context>, priced: Priced): ShareOptions {
    const { clock, log } = this.#options;
    const { caller } = args.contextValue;
    const { requestId } = caller;
    const onFault = (err: unknown) =>
      log.warn({ requestId, err }, 'events could not be answered; it is tried again');
    const cost = priced.told?.cost ?? 1;
    const answer = eventAnswers({ ...this.#options, args, caller, feed, priced });
    return { feed, clock, onFault, cost, answer: cost < DEAR ? answer : this.#oneAtATime(answer) };
  }

  /** However many read on for themselves, a command waits for one of their answers at a time, and not for all. */
  #oneAtATime(answer: ShareOptions['answer']): ShareOptions['answer'] {
    return (entries, signal) =>
      this.#gate.pass(() => (signal.aborted ? Promise.resolve([]) : answer(entries, signal)));
  }

  async #source(args: Args, priced: Priced): Promise<LedgerFeed<Context> | ExecutionResult> {
    const source = await createSourceEventStream(await this.#resolverArgs(args, priced));
    if (!isAsyncIterable(source)) return source;
    if (isFeed<Context>(source)) return source;
    throw new Error('A subscription must follow the ledger.');
  }

  async #resolverArgs(args: Args, priced: Priced): Promise<ExecutionArgs> {
    const operation = operationOf(args.contextValue.caller, priced.budget());
    const contextValue = await this.#options.context(operation);
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

  /** The price of an operation, by its variables as they arrived; nothing where nothing is priced. */
  #priced({ document, operationName, variableValues }: Args): Priced {
    const { cost, limits } = this.#options;
    const operation = getOperationAST(document, operationName);
    if (cost === undefined || operation == null) return UNPRICED;
    const found = cost({ document, operation, variables: variableValues ?? {} });
    const isEvent = operation.operation === OperationTypeNode.SUBSCRIPTION;
    return priced(found, {
      limit: isEvent ? Math.floor(limits.cost / EVENT_PART) : limits.cost,
      most: limits.cost,
    });
  }
}

function isFeed<Context>(source: unknown): source is LedgerFeed<Context> {
  return source instanceof LedgerFeed;
}
