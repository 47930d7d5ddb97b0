import { GraphQLError, Kind, type ExecutionResult } from 'graphql';
import { StorageUnavailableError, storageErrorOf } from '../app/ports/storage-errors.ts';
import type { Clock } from '../app/ports/world.ts';
import type { CallerIdentity } from './access/caller.ts';
import type { Log } from './log.ts';
import { RepeatedLines } from './repeated-lines.ts';
import { isWireCode, meaningOf, type Meaning, type WireCode } from './wire-codes.ts';

/** Codes that libraries and use cases give what the wire calls otherwise. */
const ALIASES: Readonly<Record<string, WireCode>> = {
  QUERY_BREADTH: 'LIMIT_EXCEEDED',
  QUERY_COMPLEXITY: 'LIMIT_EXCEEDED',
  QUERY_DEPTH: 'LIMIT_EXCEEDED',
  VALIDATION: 'BAD_USER_INPUT',
};

/** How Pothos says that an operation costs too much; it gives no code. */
const TOO_COSTLY = /^Query exceeds maximum (complexity|depth|breadth)/;
/** What Pothos throws for input that no type could refuse. */
const INPUT_ERRORS = new Set(['InputValidationError', 'PothosValidationError']);
/** GraphQL repeats in a message what it finds fault with, however long that is. */
const MOST_CHARACTERS = 1_000;
/** What is never passed on: `http` is ours to set, the others tell of the inside. */
const HIDDEN = new Set(['code', 'exception', 'http', 'originalError', 'stacktrace', 'unexpected']);

/** Gives every top-level error its code, request id and advice, and masks and logs what nobody foresaw. */
export class ErrorPresenter {
  readonly #log: Log;
  readonly #repeated: RepeatedLines;
  readonly #presented = new WeakSet<GraphQLError>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#repeated = new RepeatedLines(clock);
  }

  /** A result with its errors presented. Only a result without `data` decides the HTTP status. */
  result<Result extends ExecutionResult>(result: Result, caller: CallerIdentity): Result {
    if (result.errors === undefined) return result;
    const whole = !('data' in result);
    return { ...result, errors: result.errors.map((error) => this.#present(error, caller, whole)) };
  }

  /** Errors that stand for the whole answer. */
  errors(errors: readonly unknown[], caller: CallerIdentity): readonly GraphQLError[] {
    return errors.map((error) => this.#present(asGraphQLError(error), caller, true));
  }

  #present(error: GraphQLError, caller: CallerIdentity, whole: boolean): GraphQLError {
    if (this.#presented.has(error)) return error;
    const code = codeOf(error);
    if (code === 'INTERNAL' || isUntoldFault(error)) this.#record(error, code, caller);
    const meaning = meaningOf(code);
    const isLasting = storageErrorOf(rootOf(error))?.retryable === false;
    const retryAfterMs = isLasting
      ? Number.NaN
      : Number(error.extensions.retryAfterMs ?? meaning.retryAfterMs ?? Number.NaN);
    const retryable = Number.isFinite(retryAfterMs);
    const presented = new GraphQLError(messageOf(error, code), {
      ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
      ...(error.source === undefined ? {} : { source: error.source }),
      ...(error.positions === undefined ? {} : { positions: error.positions }),
      ...(error.path === undefined ? {} : { path: error.path }),
      extensions: {
        ...(code === 'INTERNAL' ? {} : shownOf(error)),
        code,
        requestId: caller.requestId,
        retryable,
        retryAfterMs: retryable ? retryAfterMs : null,
        ...(whole ? { http: httpOf(error, meaning, retryAfterMs) } : {}),
      },
    });
    this.#presented.add(presented);
    return presented;
  }

  /** A disk that is full fails every command for the same reason: one line a minute tells it. */
  #record(error: GraphQLError, code: WireCode, { requestId, principal }: CallerIdentity): void {
    const root = rootOf(error);
    const isFault = storageErrorOf(root) !== null;
    const kept = isFault ? this.#repeated.since(`${code} ${root.message}`) : 0;
    if (kept === null) return;
    const path = error.path?.join('.');
    this.#log.error(
      { requestId, principal: principal?.id, code, path, err: root, ...(kept > 0 ? { keptBack: kept } : {}) },
      'an operation failed',
    );
  }
}

/** An error as a message over a socket carries it: without what only HTTP understands. */
export function withoutHttp(error: GraphQLError) {
  const { extensions, ...rest } = error.toJSON();
  const { http, ...shown } = extensions ?? {};
  return { ...rest, extensions: shown };
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

/** What was thrown in the first place. */
function rootOf(error: Error): Error {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}

/** A fault of the database whose reason is not in the log once for all commands. */
function isUntoldFault(error: GraphQLError): boolean {
  const fault = storageErrorOf(rootOf(error));
  return fault !== null && !(fault instanceof StorageUnavailableError && fault.reason !== null);
}

function codeOf(error: GraphQLError): WireCode {
  const root = rootOf(error);
  const given = error.extensions.code ?? ('code' in root ? root.code : storageErrorOf(root)?.code);
  if (typeof given === 'string' && Object.hasOwn(ALIASES, given)) return ALIASES[given] ?? 'INTERNAL';
  if (given !== undefined) return isWireCode(given) ? given : (storageErrorOf(root)?.code ?? 'INTERNAL');
  if (TOO_COSTLY.test(root.message)) return 'LIMIT_EXCEEDED';
  if (INPUT_ERRORS.has(root.name)) return 'BAD_USER_INPUT';
  return root instanceof GraphQLError ? codeOfUncoded(error) : 'INTERNAL';
}

/**
 * GraphQL itself gives no codes. Without a path the request was refused before it ran; with one, an error that points at
 * anything but a field tells of an argument or a variable, and one that points at a field of a value that we made wrong.
 */
function codeOfUncoded({ path, nodes, extensions, message }: GraphQLError): WireCode {
  if (message.startsWith('Syntax Error: ')) return 'GRAPHQL_PARSE_FAILED';
  if (extensions.http?.status === 403) return 'FORBIDDEN';
  if (extensions.http !== undefined && nodes === undefined) return 'BAD_REQUEST';
  if (path === undefined) return 'BAD_USER_INPUT';
  return nodes?.[0] === undefined || nodes[0].kind === Kind.FIELD ? 'INTERNAL' : 'BAD_USER_INPUT';
}

function messageOf(error: GraphQLError, code: WireCode): string {
  if (code === 'INTERNAL')
    return 'Something went wrong here, not in what you sent. The request id finds it in the log.';
  if (code === 'OPERATION_RESOLUTION_FAILURE')
    return 'No operation is chosen: operationName must name one of the document, and can be left out where there is only one.';
  return shortened(storageErrorOf(rootOf(error))?.message ?? error.message);
}

function shortened(message: string): string {
  return message.length <= MOST_CHARACTERS ? message : `${message.slice(0, MOST_CHARACTERS)}…`;
}

function shownOf({ extensions }: GraphQLError): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([key]) => !HIDDEN.has(key)));
}

/** Some errors know better which status and headers fit. Whether they count as GraphQL's is for the code to say. */
function httpOf(
  { extensions: { http } }: GraphQLError,
  { status, spec, headers }: Meaning,
  retryAfterMs: number,
) {
  const retryAfter = Number.isFinite(retryAfterMs)
    ? { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
    : {};
  return {
    status: http?.status ?? status,
    ...(spec === undefined ? {} : { spec }),
    headers: { ...http?.headers, ...headers, ...retryAfter },
  };
}
