import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { ApiAnswer, ApiRequest, Listening } from './api.ts';
import { CliError } from '../cli-error.ts';
import { unreachable, type Remote } from './remote.ts';

/** How often the server is asked whether it is still there, and how long it may take to say so. */
const PING_MS = 10_000;
const PONG_MS = 5_000;

/**
 * The answers to the events of a subscription over a socket of its own, until the signal aborts. It does not come back by
 * itself: who resumes knows after which event.
 * @throws CliError when the connection ends
 */
export async function* remoteEvents(
  remote: Remote,
  request: ApiRequest,
  { signal, onConnected }: Listening,
): AsyncGenerator<ApiAnswer, void> {
  let connected = false;
  const refusals: CliError[] = [];
  const client = clientOf(remote, {
    onConnected: () => {
      connected = true;
      onConnected?.();
    },
    onError: (error) => {
      refusals.push(...upgradeRefusal(remote, error));
    },
  });
  const { query, variables, operationName } = request;
  const events = client.iterate({
    query,
    variables,
    ...(operationName === undefined ? {} : { operationName }),
  });
  const stop = () => void events.return?.();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const event of events) yield event as ApiAnswer;
    if (!signal.aborted) throw unreachable(remote, 'it ended the subscription');
  } catch (error) {
    if (Array.isArray(error)) yield { errors: error as NonNullable<ApiAnswer['errors']> };
    else throw error instanceof CliError ? error : (refusals[0] ?? endOf(remote, error, connected));
  } finally {
    signal.removeEventListener('abort', stop);
    await client.dispose();
  }
}

interface Listeners {
  readonly onConnected: () => void;
  readonly onError: (error: unknown) => void;
}

function clientOf({ url, token }: Remote, { onConnected, onError }: Listeners): Client {
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  let socket: WebSocket | undefined;
  let silent: NodeJS.Timeout | undefined;
  return createClient({
    url: socketUrl.href,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    connectionAckWaitTimeout: PING_MS,
    keepAlive: PING_MS,
    // Coming back would send the first variables again, and with them the first cursor.
    retryAttempts: 0,
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: onConnected,
      error: onError,
      ping: (received) => {
        if (!received) silent = setTimeout(() => socket?.terminate(), PONG_MS);
      },
      pong: () => clearTimeout(silent),
      closed: () => clearTimeout(silent),
    },
  });
}

/** An answer to the upgrade that is no upgrade comes from a proxy that passes none on, or from no Tierkeeper at all. */
function upgradeRefusal({ url }: Remote, error: unknown): readonly CliError[] {
  const text = error instanceof Error ? error.message : String((error as { message?: unknown }).message);
  const status = /Unexpected server response: (\d{3})/.exec(text)?.[1];
  if (status === undefined) return [];
  const message =
    `${url.origin} answered ${status} where a WebSocket was asked for. ` +
    'A proxy in front of the server must pass upgrades on (docs/proxies.md shows how), and TIERKEEPER_URL must name the API.';
  return [new CliError(message, { code: 'NETWORK', exit: 3, cause: error })];
}

/** A server that no longer accepts a token may accept it again with other rights; one that never did will not. */
function endOf(remote: Remote, error: unknown, connected: boolean): CliError {
  const { code, reason, message } = error as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly message?: unknown;
  };
  if (code === 4403 && !connected)
    return new CliError('The server does not accept this token: it is unknown, expired or was changed.', {
      code: 'UNAUTHENTICATED',
      exit: 1,
    });
  const why = [reason, message].find((text) => typeof text === 'string' && text !== '');
  return unreachable(remote, typeof why === 'string' ? why : 'the connection was lost', error);
}
