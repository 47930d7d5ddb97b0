import type { Given } from './given-server.ts';
import { TOKEN } from './given-server.ts';

interface Asked {
  readonly token?: string | null;
  readonly variables?: object;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A top-level error as a client reads it. */
export interface ReadError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** An answer as a client reads it. */
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly ReadError[];
}

/** Sends an operation over HTTP, as the viewer unless told otherwise. */
export async function ask(given: Pick<Given, 'url'>, query: string, asked: Asked = {}) {
  const { token = TOKEN.viewer, variables, accept = 'application/graphql-response+json' } = asked;
  const response = await fetch(given.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...asked.headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Answer;
  return {
    status: response.status,
    headers: response.headers,
    data,
    errors,
    code: errors?.[0]?.extensions.code,
  };
}
