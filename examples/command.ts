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

/** Runs an example until the process ends. What keeps it from going on is told in a line. */
export async function runCommand(example: Example): Promise<void> {
  try {
    await example(accessOfEnvironment(), new AbortController().signal);
  } catch (error) {
    process.stderr.write(`error: ${sentence(error)}\n`);
    process.exit(1);
  }
}

/** `fetch` keeps what really happened in the cause. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause
    ? `${error.message} (${String(cause.code)})`
    : error.message;
}
