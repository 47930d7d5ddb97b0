import { WebSocket } from 'ws';
import { answerParent } from './child.ts';
import { DOCUMENT } from './event-server.ts';

/** What the process of the subscribers can be asked. */
export type ListenQuestion =
  | {
      readonly ask: 'open';
      readonly url: string;
      readonly token: string | null;
      readonly count: number;
      readonly after: string;
      /** How many events lie behind by now: who has them has subscribed. */
      readonly replayed: number;
    }
  | { readonly ask: 'receipts'; readonly url: string; readonly count: number };

/** What was received at a server's subscribers: the instant of the last, and the one message that all of them got. */
export interface Receipts {
  readonly last: bigint;
  readonly message: string;
}

/** The subscribers of one server. */
class Audience {
  received = 0;
  #last = 0n;
  #message = '';
  #differ = false;
  #check = (): void => undefined;

  async open({ count, ...asked }: Extract<ListenQuestion, { ask: 'open' }>): Promise<void> {
    for (let opened = 0; opened < count; opened += 100)
      await Promise.all(Array.from({ length: Math.min(100, count - opened) }, () => this.#one(asked)));
  }

  /** Resolved once so many messages have come, all the same. */
  async receipts(count: number): Promise<Receipts> {
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (this.received >= count) resolve();
      };
      this.#check();
    });
    if (this.#differ) throw new Error('Subscribers were sent different messages for one event.');
    if (this.received > count) throw new Error('Subscribers were sent more than there was.');
    this.received = 0;
    return { last: this.#last, message: this.#message };
  }

  #take(message: string): void {
    if (this.received === 0) this.#message = message;
    else if (message !== this.#message) this.#differ = true;
    this.received += 1;
    this.#last = process.hrtime.bigint();
    this.#check();
  }

  #one({
    url,
    token,
    after,
    replayed,
  }: Omit<Extract<ListenQuestion, { ask: 'open' }>, 'count'>): Promise<void> {
    let missing = replayed;
    const protocol = token === null ? [] : ['graphql-transport-ws'];
    const socket = new WebSocket(url.replace('http', 'ws'), protocol);
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        if (token === null) resolve();
        else
          socket.send(
            JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
          );
      });
      socket.on('message', (data: Buffer) => {
        const message = data.toString();
        if (!message.startsWith('{"type":"connection_ack"')) {
          if (missing > 0) missing -= 1;
          else this.#take(message);
          if (missing === 0) resolve();
          return;
        }
        const payload = { query: DOCUMENT, variables: { after } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }), () => {
          if (missing === 0) resolve();
        });
      });
    });
  }
}

const audiences = new Map<string, Audience>();

answerParent(async (question: ListenQuestion) => {
  const audience = audiences.get(question.url) ?? new Audience();
  audiences.set(question.url, audience);
  if (question.ask === 'receipts') return audience.receipts(question.count);
  await audience.open(question);
  return {};
});
