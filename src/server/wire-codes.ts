import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

/** What a code means on HTTP, and whether to try again. */
export interface Meaning {
  readonly status: number;
  /** A client that accepts nothing newer than application/json gets 200: GraphQL over HTTP, "legacy watershed". */
  readonly spec?: true;
  readonly retryAfterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every `extensions.code` of a top-level error. What has a `retryAfterMs` may be retried as it is. */
export const WIRE_CODES = {
  UNAUTHENTICATED: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
  FORBIDDEN: { status: 403 },
  RATE_LIMITED: { status: 429, retryAfterMs: 1_000 },
  OVERLOADED: { status: 503, retryAfterMs: 1_000 },
  STORAGE_BUSY: { status: 503, retryAfterMs: 200 },
  STORAGE_UNAVAILABLE: { status: 503, retryAfterMs: 1_000 },
  CLOCK_DOUBTFUL: { status: 503, retryAfterMs: 5_000 },
  PAYLOAD_TOO_LARGE: { status: 413, headers: { connection: 'close' } },
  INVALID_CURSOR: { status: 400, spec: true },
  LIMIT_EXCEEDED: { status: 400, spec: true },
  INTERNAL: { status: 500 },
  BAD_USER_INPUT: { status: 400, spec: true },
  BAD_REQUEST: { status: 400 },
  GRAPHQL_PARSE_FAILED: { status: 400, spec: true },
  GRAPHQL_VALIDATION_FAILED: { status: 400, spec: true },
  OPERATION_RESOLUTION_FAILURE: { status: 400 },
} as const satisfies Record<string, Meaning>;

/** The `extensions.code` of a top-level error: the contract's own, then GraphQL's. */
export type WireCode = keyof typeof WIRE_CODES;

/** Whether a text is one of the codes. */
export function isWireCode(code: unknown): code is WireCode {
  return typeof code === 'string' && Object.hasOwn(WIRE_CODES, code);
}

/** The meaning of a code. */
export function meaningOf(code: WireCode): Meaning {
  return WIRE_CODES[code];
}

/** An error that the wire sends as it is. */
export function wireError(code: WireCode, message: string, more: GraphQLErrorExtensions = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { ...more, code } });
}
