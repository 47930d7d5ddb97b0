import { onTestFinished, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { Answer, ReadError } from '../ask.ts';
import type { Given } from '../given-server.ts';

/** A message of graphql-transport-ws. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Answer & readonly ReadError[];
}

interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket that shows every message and how it was closed. */
export class TestSocket {
  readonly messages: Message[] = [];
  closing: Closing | undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as Message));
    socket.on('close', (code, reason) => {
      this.closing = { code, reason: reason.toString() };
    });
    socket.on('error', () => undefined);
  }

  send(message: object): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  subscribe(query: string, id = '1', variables?: object): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** The first message of this type, and for this subscription, once it has come. */
  async received(type: string, id?: string): Promise<Message> {
    const found = () =>
      this.messages.find((message) => message.type === type && (id === undefined || message.id === id));
    return vi.waitFor(() => found() ?? fail(`no ${type} yet`), 5_000);
  }

  async closed(): Promise<Closing> {
    return vi.waitFor(() => this.closing ?? fail('not closed yet'), 8_000);
  }

  /** Stops reading, like a peer that hangs. */
  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Goes without a word, like a peer whose network is gone. */
  terminate(): void {
    this.#socket.terminate();
  }
}

/** Opens a socket without greeting. */
export async function givenSocket(
  { url }: Pick<Given, 'url'>,
  options: ClientOptions = {},
): Promise<TestSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', options);
  const test = new TestSocket(socket);
  onTestFinished(() => test.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return test;
}

/** Opens a socket and is let in. */
export async function givenConnection(given: Pick<Given, 'url'>, token: string): Promise<TestSocket> {
  const socket = await givenSocket(given);
  socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await socket.received('connection_ack');
  return socket;
}

function fail(message: string): never {
  throw new Error(message);
}
