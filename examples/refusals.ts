import { pause } from './pause.ts';

/** A top-level error, as every transport carries it. */
export interface WireError {
  readonly message: string;
  readonly extensions?: {
    readonly code?: unknown;
    readonly retryable?: unknown;
    readonly retryAfterMs?: unknown;
  };
}

/** The server answered with errors. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly errors: readonly WireError[];

  constructor(errors: readonly WireError[]) {
    super(errors.map(({ message, extensions }) => `${String(extensions?.code)}: ${message}`).join(' '));
    this.errors = errors;
  }
}

const SHORTEST_PAUSE_MS = 250;

/**
 * Where to go on after a query was refused or a subscription ended: after the same cursor, once what hindered it has passed;
 * or null, with a fresh query, if that cursor means nothing to this server, whose ledger was restored from a backup or is
 * another one.
 * @throws what ended it, if trying again would not help
 */
export async function whereToResume(reason: Error, after: string | null): Promise<string | null> {
  if (!(reason instanceof RefusedError)) throw reason;
  const advice = reason.errors.map(({ extensions }) => extensions);
  const lost = advice.some((each) => each?.code === 'INVALID_CURSOR');
  if (!lost && advice.some((each) => each?.retryable !== true)) throw reason;
  await pause(Math.max(SHORTEST_PAUSE_MS, ...advice.map((each) => Number(each?.retryAfterMs ?? 0))));
  return lost ? null : after;
}

/** What ended a subscription over graphql-ws, as an error: its client gives errors of GraphQL, close events and errors alike. */
export function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  if (Array.isArray(reason)) return new RefusedError(reason as readonly WireError[]);
  const { code, reason: why } = reason as { readonly code?: unknown; readonly reason?: unknown };
  if (code === 4403) return new Error('The server does not accept this token: it is unknown or has expired.');
  return new Error(
    `The server closed the connection with ${String(code)} (${String(why)}). Connecting again would not help.`,
  );
}

/** No subscription ends by itself: one that does is to be resumed. */
export function endedByServer(): RefusedError {
  const extensions = { code: 'ENDED', retryable: true };
  return new RefusedError([{ message: 'The server ended the subscription.', extensions }]);
}
