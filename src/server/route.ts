import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request, and the response that it waits for. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** A route of the server. */
export interface Route {
  readonly path: string;
  /** Whether this route takes a request for its path; absent: it takes all of them. */
  readonly takes?: (request: IncomingMessage) => boolean;
  /** The headers of every answer, by name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: (exchange: Exchange) => Promise<void>;
}

/** The first route that takes a request for a path, or null. */
export function routeOf(routes: readonly Route[], path: string, request: IncomingMessage): Route | null {
  return routes.find((route) => route.path === path && (route.takes?.(request) ?? true)) ?? null;
}
