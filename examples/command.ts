// What an example needs to run as a command of Node, and a browser does not have: the environment, and `ws` for its WebSocket.
import { WebSocket } from 'ws';
import type { Access } from './access.ts';
import type { Example } from './run-as-command.ts';

/**
 * TIERKEEPER_URL and TIERKEEPER_TOKEN.
 * @throws Error if there is no token
 */
function accessOfEnvironment(): Access {
  const { TIERKEEPER_URL = 'http://127.0.0.1:4000/', TIERKEEPER_TOKEN: token } = process.env;
  if (token === undefined || token === '')
    throw new Error('Set TIERKEEPER_TOKEN to a token of the server. `npm run demo` prints one per role.');
  const url = new URL(TIERKEEPER_URL);
  if (url.pathname === '/') url.pathname = '/graphql';
  return { url, token: () => token, webSocket: WebSocket };
}

/** Runs an example until the process ends. */
export async function runCommand(example: Example): Promise<void> {
  await example(accessOfEnvironment(), new AbortController().signal);
}
