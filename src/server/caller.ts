import type { Principal } from '../governance/principal.ts';
import type { Subscriber } from './subscriber.ts';
import { wireError } from './wire-codes.ts';

/** One operation as the API sees it: who asks, under which id it is logged, and until when an answer is wanted. */
export interface Operation {
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the caller is gone, when time is up, or when nobody subscribes any more. */
  readonly signal: AbortSignal;
  /** The cursor of the last event that a stream had before it was lost; null otherwise. */
  readonly lastEventId: string | null;
}

/** Who sent one operation, and over what: the same on HTTP, WebSocket and SSE. */
export interface Caller {
  /** Null until authenticated, and then only to say no. */
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly controller: AbortController;
  /** The stream that a subscription over SSE is, and nothing else. */
  readonly stream?: Stream;
}

/** An answer over HTTP that may stay open. */
export interface Stream {
  readonly lastEventId: string | null;
  /** What it carries, once that is known: Yoga would hand over an iterable of its own. */
  subscriber: Subscriber | null;
  /**
   * Counts it as open until the returned function is called.
   * @throws GraphQLError LIMIT_EXCEEDED
   */
  hold: () => () => void;
  /** Ends it so that its client comes back. */
  cut: () => void;
}

/** What the server adds to the context of every request, and finds again in every hook. */
export interface CallerContext {
  readonly caller: Caller;
}

/**
 * The principal of an operation.
 * @throws GraphQLError UNAUTHENTICATED
 */
export function principalOf({ principal }: Caller): Principal {
  if (principal === null)
    throw wireError('UNAUTHENTICATED', 'Send a valid token: Authorization: Bearer TOKEN.');
  return principal;
}

/** A caller as the API sees it. */
export function operationOf(caller: Caller): Operation {
  const { requestId, controller, stream } = caller;
  const lastEventId = stream?.lastEventId ?? null;
  return { principal: principalOf(caller), requestId, signal: controller.signal, lastEventId };
}
