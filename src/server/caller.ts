import type { Principal } from '../governance/principal.ts';
import { wireError } from './wire-codes.ts';

/** One operation as the API sees it: who asks, under which id it is logged, and until when an answer is wanted. */
export interface Operation {
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the caller is gone, when time is up, or when the subscription has ended. */
  readonly signal: AbortSignal;
}

/** Who sent one operation, and over what: the same on HTTP, WebSocket and SSE. */
export interface Caller {
  /** Null until authenticated, and then only to say no. */
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly controller: AbortController;
  /**
   * Counts a stream that is held open for this operation alone, until the returned function is called.
   * @throws GraphQLError LIMIT_EXCEEDED
   */
  readonly holdStream?: () => () => void;
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
  return { principal: principalOf(caller), requestId: caller.requestId, signal: caller.controller.signal };
}
