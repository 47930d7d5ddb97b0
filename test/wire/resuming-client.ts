import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** What a subscriber asks for, and as whom. */
export interface Asked {
  readonly token: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An event of the API: `data.event` with its cursor. */
export interface ReceivedEvent {
  readonly cursor: string;
}

interface Result {
  readonly data?: { readonly event: ReceivedEvent } | null;
  readonly errors?: readonly unknown[];
}

/** A subscriber that comes back whenever its connection breaks, and resumes after the last event that it got. */
export abstract class ResumingClient {
  readonly events: ReceivedEvent[] = [];
  /** What should never have come. */
  readonly problems: unknown[] = [];
  connections = 0;
  #stopped = false;

  constructor(
    protected readonly url: string,
    protected readonly asked: Asked,
  ) {}

  /** The local port of its connection. */
  abstract get port(): number | undefined;

  start(): void {
    if (this.#stopped) return;
    this.connections += 1;
    this.connect(this.events.at(-1)?.cursor ?? null);
  }

  stop(): void {
    this.#stopped = true;
    this.disconnect();
  }

  protected abstract connect(after: string | null): void;
  protected abstract disconnect(): void;

  protected received({ data, errors }: Result): void {
    if (errors !== undefined || data?.event === undefined) this.problems.push({ data, errors });
    else this.events.push(data.event);
  }

  /** The connection is gone: at the next turn another one is made. */
  protected readonly broken = (): void => {
    setImmediate(() => this.start());
  };
}

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** Over WebSocket: the cursor is a variable. */
export class ResumingSocket extends ResumingClient {
  #socket: WebSocket | null = null;
  #port: number | undefined;

  get port(): number | undefined {
    return this.#port;
  }

  protected connect(after: string | null): void {
    const socket = new WebSocket(this.url.replace('http', 'ws'), 'graphql-transport-ws');
    this.#socket = socket;
    const { token, query, variables } = this.asked;
    socket.on('upgrade', ({ socket: { localPort } }) => (this.#port = localPort));
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on('open', () => say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    socket.on('message', (data: Buffer) => {
      const { type, payload } = JSON.parse(data.toString()) as Message;
      if (type === 'connection_ack') {
        const resuming = { ...variables, ...(after === null ? {} : { after }) };
        say({ id: '1', type: 'subscribe', payload: { query, variables: resuming } });
      } else if (type === 'next') this.received(payload as Result);
      else this.problems.push({ type, payload });
    });
    socket.on('error', () => undefined);
    socket.on('close', this.broken);
  }

  protected disconnect(): void {
    this.#socket?.terminate();
  }
}

/** Over SSE: the cursor is the id of the last event. */
export class ResumingStream extends ResumingClient {
  #request: ClientRequest | null = null;

  get port(): number | undefined {
    return this.#request?.socket?.localPort;
  }

  protected connect(after: string | null): void {
    const { token, query, variables } = this.asked;
    const sent = request(this.url, {
      method: 'POST',
      agent: false,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(after === null ? {} : { 'last-event-id': after }),
      },
    });
    this.#request = sent;
    sent.on('error', () => undefined);
    sent.on('response', (response) => this.#read(response));
    sent.on('close', this.broken);
    sent.end(JSON.stringify({ query, variables }));
  }

  protected disconnect(): void {
    this.#request?.destroy();
  }

  /** What came of an event that broke off is nothing. */
  #read(response: IncomingMessage): void {
    let text = '';
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (more: string) => {
      const parts = (text + more).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) this.#event(part);
    });
  }

  #event(text: string): void {
    const lines = new Map(text.split('\n').map((line) => splitOnce(line)));
    const [data, id] = [lines.get('data'), lines.get('id')];
    if (data === undefined) return;
    this.received(JSON.parse(data) as Result);
    if (this.events.at(-1)?.cursor !== id) this.problems.push({ id, data });
  }
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at), line.slice(at + 2)];
}
