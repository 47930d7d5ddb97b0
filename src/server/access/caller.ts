import type { Budget } from '../../graphql/budget.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import type { Subscriber } from '../sharing/subscriber.ts';
import { wireError } from '../wire-codes.ts';

/** One operation as the API sees it: who asks, under which id it is logged, and until when an answer is wanted. */
export interface Operation {
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the caller is gone, when time is up, or when nobody subscribes any more. */
  readonly signal: AbortSignal;
  /** The cursor of the last event that a stream had before it was lost; null otherwise. */
  readonly lastEventId: string | null;
  /** What its answer may cost beyond its price. */
  readonly budget: Budget;
}

/** What identifies a caller in answers and logs. */
export interface CallerIdentity {
  /** Null until authenticated, and then only to say no. */
  readonly principal: Principal | null;
  readonly requestId: string;
  /** Why there is no principal, if it is not for want of a valid token. */
  readonly refusal?: Error;
}

/** Who sent one operation, and over what: the same on HTTP, WebSocket and SSE. */
export class Caller implements CallerIdentity {
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly refusal?: Error;
  /** The stream that a subscription over SSE is, and nothing else. */
  readonly stream: Stream | null;
  #controller: AbortController | null = null;
  #gone = false;
  #subscriber: Subscriber | null = null;

  constructor({ principal, requestId, refusal }: CallerIdentity, stream: Stream | null = null) {
    this.principal = principal;
    this.requestId = requestId;
    if (refusal !== undefined) this.refusal = refusal;
    this.stream = stream;
  }

  /** Aborted once the caller is gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#gone) this.#controller.abort();
    return this.#controller.signal;
  }

  /** What it is sent, once it has subscribed. */
  get subscriber(): Subscriber | null {
    return this.#subscriber;
  }

  /** Has a subscription end with the caller. */
  subscribed(subscriber: Subscriber): void {
    this.#subscriber = subscriber;
    this.#controller = null;
    if (this.#gone) subscriber.end();
  }

  /** Ends what is done for it: nobody waits any more. */
  leave(): void {
    this.#gone = true;
    this.#controller?.abort();
    this.#subscriber?.end();
  }
}

/** An answer over HTTP that may stay open. */
export interface Stream {
  readonly lastEventId: string | null;
  /**
   * Counts it among what its principal holds open, until the answer has ended.
   * @throws GraphQLError LIMIT_EXCEEDED
   */
  hold: (caller: Caller) => void;
  /** Ends it so that its client comes back. */
  cut: () => void;
}

/** What the server adds to the context of every request, and finds again in every hook. */
export interface CallerContext {
  readonly caller: Caller;
}

/**
 * The principal of an operation.
 * @throws GraphQLError UNAUTHENTICATED, or OVERLOADED if it can't be known now
 */
export function principalOf({ principal, refusal }: CallerIdentity): Principal {
  if (principal === null) throw refusal ?? unauthenticated();
  return principal;
}

/** The error for whoever has no valid token, or no longer. */
export function unauthenticated(): Error {
  return wireError('UNAUTHENTICATED', 'Send a valid token: Authorization: Bearer TOKEN.');
}

/** A caller as the API sees it. */
export function operationOf(caller: Caller, budget: Budget): Operation {
  const { requestId, signal, stream } = caller;
  const lastEventId = stream?.lastEventId ?? null;
  return { principal: principalOf(caller), requestId, signal, lastEventId, budget };
}
