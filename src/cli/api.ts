import { dataOf } from './answer-error.ts';

/** An operation to send. */
export interface ApiRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string | undefined;
}

/** An error of an answer, as the wire shows it. */
export interface ApiError {
  readonly message: string;
  readonly extensions?: { readonly code?: string } & Readonly<Record<string, unknown>>;
}

/** An answer, in the same shape whether it came over the wire or from this process. */
export interface ApiAnswer<Data = unknown> {
  readonly data?: Data | null;
  readonly errors?: readonly ApiError[];
}

/** How long to listen, and who is told once that has begun. */
export interface Listening {
  readonly signal: AbortSignal;
  readonly onConnected?: () => void;
}

/** The API as one principal, in this process or over the wire. */
export interface Api {
  /** @throws CliError if there is no answer */
  answer(request: ApiRequest): Promise<ApiAnswer>;
  /**
   * The answers to the events of a subscription, until the signal aborts.
   * @throws CliError when the connection ends
   */
  events(request: ApiRequest, listening: Listening): AsyncIterable<ApiAnswer>;
  /** The present instant by the clock of whoever answers; null before the first answer, or if it does not say. */
  now(): number | null;
  close(): Promise<void>;
}

/** A typed document, as it is generated. */
export interface TypedDocument<Data, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Data;
}

/**
 * What a document answers.
 * @throws CliError for the first error of the answer, or if there is none
 */
export async function ask<Data, Variables>(
  api: Api,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await api.answer({
    query: document.toString(),
    variables: variables as ApiRequest['variables'],
  });
  return dataOf<Data>(answer as ApiAnswer<Data>);
}

/**
 * The events of a typed document.
 * @throws CliError for the first error of an answer, or when the connection ends
 */
export async function* follow<Data, Variables>(
  api: Api,
  document: TypedDocument<Data, Variables>,
  { variables, ...listening }: Listening & { readonly variables: Variables },
): AsyncGenerator<Data, void> {
  const request = { query: document.toString(), variables: variables as ApiRequest['variables'] };
  for await (const answer of api.events(request, listening)) yield dataOf<Data>(answer as ApiAnswer<Data>);
}
