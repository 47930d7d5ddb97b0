// examples/ holds clients to copy from: each runs by itself against a server (`npx tsx examples/urql.ts`), and test/examples/
// cuts their connections. What they share is here, in agents.ts, resuming-client.ts and refusals.ts; nothing of src/.

/** Where Tierkeeper is, and as whom to come. */
export interface Access {
  /** The address of the API: `http://127.0.0.1:4000/graphql`. */
  readonly url: URL;
  /** Asked for before every request and every connection, so that a token that has expired can be replaced. */
  readonly token: () => string | Promise<string>;
}

/**
 * TIERKEEPER_URL and TIERKEEPER_TOKEN.
 * @throws Error if there is no token
 */
export function accessOfEnvironment(): Access {
  const { TIERKEEPER_URL = 'http://127.0.0.1:4000/', TIERKEEPER_TOKEN: token } = process.env;
  if (token === undefined || token === '')
    throw new Error('Set TIERKEEPER_TOKEN to a token of the server. `npm run demo` prints one per role.');
  const url = new URL(TIERKEEPER_URL);
  if (url.pathname === '/') url.pathname = '/graphql';
  return { url, token: () => token };
}

/** A `fetch` that sends the token. */
export function authorizedFetch({ token }: Access): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    return fetch(input, { ...init, headers });
  };
}
