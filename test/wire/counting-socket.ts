import { request, type ClientRequest } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** What a subscription asks for. */
export interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Opens a socket and subscribes as `val` under the id `1`; gives each event as the bytes of its message. */
export async function subscribing(
  url: string,
  asked: Asked,
  onEvent: (message: Buffer) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  onTestFinished(() => socket.terminate());
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.on('open', () => say({ type: 'connection_init', payload: { authorization: 'Bearer val' } }));
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', resolve);
  });
  socket.on('error', () => undefined);
  socket.on('message', onEvent);
  say({ id: '1', type: 'subscribe', payload: asked });
  return socket;
}

/** Subscribes over SSE as `val`, and reads nothing of what comes. */
export async function stalledStream(url: string, asked: Asked): Promise<ClientRequest> {
  const headers = {
    accept: 'text/event-stream',
    authorization: 'Bearer val',
    'content-type': 'application/json',
  };
  const sent = request(url, { method: 'POST', headers, agent: false });
  onTestFinished(() => void sent.destroy());
  sent.on('error', () => undefined);
  sent.end(JSON.stringify(asked));
  await new Promise((resolve) => sent.once('response', (response) => resolve(response.pause())));
  return sent;
}

/** Events that many get alike: the first who gets one says what the others must get. */
export class SameEvents {
  readonly #events: Buffer[] = [];
  /** Who got something else than the others, or something twice. */
  different = 0;

  /** What one of them does with an event. */
  listener(): { readonly onEvent: (message: Buffer) => void; readonly count: () => number } {
    let count = 0;
    const onEvent = (message: Buffer) => {
      const known = this.#events[count];
      if (known === undefined) this.#events.push(message);
      else if (!known.equals(message)) this.different += 1;
      count += 1;
    };
    return { onEvent, count: () => count };
  }

  /** The cursors, in the order in which they came. */
  get cursors(): readonly string[] {
    return this.#events.map((event) => /"cursor":"([^"]+)"/.exec(event.toString())?.[1] ?? '');
  }
}
