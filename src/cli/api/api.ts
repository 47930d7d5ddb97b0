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
