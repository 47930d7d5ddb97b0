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
import type { Limits } from '../config.ts';
import { operationOf, type Caller, type CallerContext, type Operation } from './caller.ts';
import type { ErrorPresenter } from './error-presenter.ts';
import { EventStream } from './event-stream.ts';
import { withinTime } from './within-time.ts';
import { wireError } from './wire-codes.ts';

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
  /** Told of every subscription that begins (1) or ends (-1). */
  readonly onSubscriptions: (change: 1 | -1) => void;
}

type Args = ExecutionArgs & { readonly contextValue: CallerContext };

/**
 * Executes what passed validation. Resolvers see exactly what the context factory made: once per query and mutation, and
 * anew for every event of a subscription, because what a context caches is stale by the next event.
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
    const { caller } = args.contextValue;
    return this.#presented(caller, async () => {
      this.#checkCost(args);
      return this.#answer(args, undefined);
    });
  }

  async #subscribe(args: Args): Promise<ExecutionResult | EventStream> {
    const { caller } = args.contextValue;
    return this.#presented(caller, async () => {
      this.#checkCost(args);
      const release = caller.holdStream?.() ?? (() => undefined);
      try {
        const source = await this.#source(args);
        if (isAsyncIterable(source)) return this.#stream(args, source, release);
        release();
        return source;
      } catch (error) {
        release();
        throw error;
      }
    });
  }

  #stream(args: Args, source: AsyncIterable<unknown>, release: () => void): EventStream {
    const { caller } = args.contextValue;
    this.#options.onSubscriptions(1);
    return new EventStream({
      source,
      signal: caller.controller.signal,
      answer: (event) => this.#presented(caller, () => this.#answer(args, event)),
      onEnd: () => {
        release();
        this.#options.onSubscriptions(-1);
      },
    });
  }

  /** A source that comes too late is returned at once: nobody else will. */
  async #source(args: Args): Promise<AsyncIterable<unknown> | ExecutionResult> {
    const opening = this.#resolverArgs(args).then((resolverArgs) => createSourceEventStream(resolverArgs));
    try {
      return await this.#withinTime(args, opening);
    } catch (error) {
      const close = (late: unknown) =>
        isAsyncIterable(late) ? late[Symbol.asyncIterator]().return?.() : null;
      void opening.then(close).catch(() => undefined);
      throw error;
    }
  }

  async #answer(args: Args, rootValue: unknown): Promise<ExecutionResult> {
    const answering = this.#resolverArgs(args).then((resolverArgs) =>
      execute({ ...resolverArgs, rootValue }),
    );
    return this.#withinTime(args, answering);
  }

  async #resolverArgs(args: Args): Promise<ExecutionArgs> {
    const contextValue = await this.#options.context(operationOf(args.contextValue.caller));
    return { ...args, rootValue: undefined, contextValue, hideSuggestions: true };
  }

  #withinTime<T>({ contextValue: { caller } }: Args, work: Promise<T>): Promise<T> {
    return withinTime({ ms: this.#options.limits.executionMs, signal: caller.controller.signal }, work);
  }

  async #presented<Answer extends ExecutionResult | EventStream>(
    caller: Caller,
    work: () => Promise<Answer>,
  ): Promise<Answer | ExecutionResult> {
    const { presenter } = this.#options;
    try {
      const answer = await work();
      return answer instanceof EventStream ? answer : presenter.result(answer, caller);
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
