import type { GraphQLFormattedError } from 'graphql';
import {
  createClient,
  MessageType,
  type Client,
  type ClientOptions,
  type Message,
  type SubscribePayload,
} from 'graphql-ws';
import type { Access } from './access.ts';
import { pause } from './pause.ts';
import { asError, endedByServer } from './refusals.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;

/**
 * A client of graphql-ws whose subscriptions survive lost connections: each goes on after the last cursor that it received.
 * By itself graphql-ws sends the first variables again, and with them the first cursor. A subscription needs a variable
 * `after` and a field `cursor`, and is resumed for as long as it takes; it ends only by
 *
 * - an error of GraphQL: see `whereToResume`;
 * - 4403 (Forbidden) in answer to a token just asked for. On an open connection 4403 says that the token has expired or its
 *   rights have changed: the next one is asked for, and the subscription resumes;
 * - the codes by which graphql-ws says that a client is wrong (4400, 4401, 4406, 4409, 4429, 4500 …).
 *
 * 1012 (the server restarts), 1013 (this client read too slowly, or holds too many connections) and connections that break or
 * can't be made are waited out. `pingMs` is for a network that went without a word.
 */
export function createResumingClient({ url, token, webSocket }: Access, pingMs = PING_MS): Client {
  const cursors = rememberCursors();
  let acknowledged = false;
  const client = createClient({
    url: url.href.replace(/^http/, 'ws'),
    ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }), // browsers have their own
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
    connectionAckWaitTimeout: PING_MS,
    retryAttempts: Infinity,
    retryWait: async (retries) => {
      await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** retries));
    },
    shouldRetry: (reason) => (codeOf(reason) === 4403 ? acknowledged : !isFault(reason)),
    jsonMessageReplacer: (key, value: unknown) => (key === '' ? cursors.sent(value as Message) : value),
    keepAlive: pingMs,
    on: {
      connecting: () => {
        acknowledged = false;
      },
      connected: () => {
        acknowledged = true;
      },
      message: (message) => cursors.received(message),
      ...terminateIfSilent(() => client.terminate(), Math.min(pingMs, PONG_MS)),
    },
  });
  return client;
}

interface Result {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Subscribes for a library with a cache of its own; however it ends, it ends by an error that `whereToResume` understands. */
export function subscribeFor(
  client: Client,
  payload: SubscribePayload,
  listener: { next(result: Result): void; error(reason: Error): void },
): () => void {
  let released = false;
  const release = client.subscribe<Record<string, unknown>, Record<string, unknown>>(payload, {
    next: ({ data = null, errors }) => listener.next(errors === undefined ? { data } : { data, errors }),
    error: (reason) => listener.error(asError(reason)),
    complete: () => {
      if (!released) listener.error(endedByServer());
    },
  });
  return () => {
    released = true;
    release();
  };
}

/** The last cursor of each subscription, by its id, which stays the same from one connection to the next. */
function rememberCursors() {
  const cursors = new Map<string, string>();
  return {
    received(message: Message): void {
      if (message.type === MessageType.Error || message.type === MessageType.Complete)
        cursors.delete(message.id);
      if (message.type !== MessageType.Next) return;
      const cursor = cursorOf(message.payload.data);
      if (cursor !== undefined) cursors.set(message.id, cursor);
    },
    sent(message: Message): Message {
      if (message.type === MessageType.Complete) cursors.delete(message.id);
      if (message.type !== MessageType.Subscribe) return message;
      const after = cursors.get(message.id);
      if (after === undefined) return message;
      const { payload } = message;
      return { ...message, payload: { ...payload, variables: { ...payload.variables, after } } };
    },
  };
}

/** The cursor of the one root field that a subscription has. */
function cursorOf(data: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  const [event] = Object.values(data ?? {});
  const { cursor } = (event ?? {}) as { readonly cursor?: unknown };
  return typeof cursor === 'string' ? cursor : undefined;
}

function codeOf(reason: unknown): unknown {
  return (reason as { readonly code?: unknown } | null)?.code;
}

/** Something went wrong in this process, such as asking for a token: connections are lost by events, not by errors. */
function isFault(reason: unknown): boolean {
  return reason instanceof Error && codeOf(reason) === undefined;
}

/** A connection that answers no ping is gone, though nobody said so. */
function terminateIfSilent(terminate: () => void, pongMs: number): NonNullable<ClientOptions['on']> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  return {
    ping: (received) => {
      if (!received) silence = setTimeout(terminate, pongMs);
    },
    pong: (received) => {
      if (received) clearTimeout(silence);
    },
    closed: () => clearTimeout(silence),
  };
}
