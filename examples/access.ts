// examples/ holds clients to copy from: each runs by itself against a server (`npx tsx examples/urql.ts`), and test/examples/
// cuts their connections. What they share is here, in agents.ts, resuming-client.ts, refusals.ts and pause.ts;
// nothing of src/. Only command.ts needs Node: all else is bundled for browsers as it is.

/** Where Tierkeeper is, and as whom to come. */
export interface Access {
  /** The address of the API: `http://127.0.0.1:4000/graphql`. */
  readonly url: URL;
  /** Asked for before every request and every connection, so that a token that has expired can be replaced. */
  readonly token: () => string | Promise<string>;
  /** A WebSocket for where there is none: Node before 22. Browsers have their own. */
  readonly webSocket?: unknown;
}

/** A `fetch` that sends the token. */
export function authorizedFetch({ token }: Access): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    return fetch(input, { ...init, headers });
  };
}
