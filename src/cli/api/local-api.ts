import {
  createSourceEventStream,
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
} from 'graphql';
import type { Engine } from '../../compose/engine.ts';
import type { Api, ApiAnswer, ApiRequest } from './api.ts';
import type { Present } from '../../compose/presenter.ts';
import type { Principal } from '../../compose/authentication.ts';

interface LocalApiOptions {
  readonly engine: Engine;
  readonly principal: Principal;
  readonly present: Present;
}

/** The API in this process, as a principal. Answers have the shape of the wire; closing it leaves the engine open. */
export function localApi({ engine, principal, present }: LocalApiOptions): Api {
  const local = new LocalApi(engine, principal);
  const shown = (answer: ExecutionResult): ApiAnswer => present(answer);
  const answered = async (work: () => Promise<ExecutionResult>) => {
    try {
      return shown(await work());
    } catch (error) {
      return shown({ errors: [error as GraphQLError] });
    }
  };
  return {
    answer: (request) => answered(() => local.answer(request)),
    async *events(request, { signal, onConnected }) {
      const failed = (error: unknown): ExecutionResult => ({ errors: [error as GraphQLError] });
      const source = await local.source(request).catch(failed);
      if (!('next' in source)) {
        yield shown(source);
        return;
      }
      onConnected?.();
      const stop = () => void source.return?.();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      try {
        for (;;) {
          const event = await source.next().catch(failed);
          if ('errors' in event) yield shown(event);
          if (!('value' in event) || event.done === true) return;
          yield await answered(() => local.answer(request, event.value));
        }
      } finally {
        signal.removeEventListener('abort', stop);
        await source.return?.();
      }
    },
    now: () => engine.app.clock.now(),
    close: () => Promise.resolve(),
  };
}

class LocalApi {
  readonly #engine: Engine;
  readonly #principal: Principal;

  constructor(engine: Engine, principal: Principal) {
    this.#engine = engine;
    this.#principal = principal;
  }

  /** Executes an operation; for a subscription, on one of its events. */
  async answer(request: ApiRequest, rootValue?: unknown): Promise<ExecutionResult> {
    const args = await this.#args(request);
    return 'errors' in args ? args : execute({ ...args, rootValue });
  }

  async source(request: ApiRequest): Promise<AsyncIterator<unknown> | ExecutionResult> {
    const args = await this.#args(request);
    if ('errors' in args) return args;
    const source = await createSourceEventStream(args);
    return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source;
  }

  async #args({ query, variables, operationName }: ApiRequest) {
    const { schema } = this.#engine;
    const document = parse(query);
    if (getOperationAST(document, operationName) == null)
      throw coded('OPERATION_RESOLUTION_FAILURE', 'Could not determine what operation to execute.');
    const errors = validate(schema, document).map(invalid);
    if (errors.length > 0) return { errors };
    const contextValue = await this.#engine.contextFor(this.#principal);
    return {
      schema,
      document,
      variableValues: variables,
      operationName: operationName ?? null,
      contextValue,
    };
  }
}

/** Whether a document's operation is a subscription; a document that can't be read is none. */
export function isSubscription({ query, operationName }: ApiRequest): boolean {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return false;
  }
  return getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
}

function invalid({ message, nodes }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
}

function coded(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
