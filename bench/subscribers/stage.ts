import { join } from 'node:path';
import { writeCursor } from '../../src/governance/cursor.ts';
import { Child } from './child.ts';
import type { ListenQuestion, Receipts } from './listen.ts';
import type { ServerQuestion, Usage } from './serve.ts';

/** What a server is measured by: the product, or what it is compared with. */
export type Kind = 'product' | 'ordinary' | 'raw';

/** One event: from its commit to the last receipt in milliseconds, and the message that every subscriber got. */
export interface Delivery {
  readonly ms: number;
  readonly message: string;
}

const BEGINNING = writeCursor({ seq: 0, hash: '00000000' });

/** Servers, each in a process of its own, and their subscribers in one more. */
export class Stage {
  readonly #servers = new Map<Kind, Child>();
  readonly #audience = new Child('listen.ts', []);
  readonly #urls = new Map<Kind, string>();

  constructor(
    private readonly folder: string,
    private readonly subscribers: number,
  ) {}

  /** Starts a server without subscribers, and gives what it has used so far. */
  async start(kind: Kind): Promise<Usage> {
    const server = new Child('serve.ts', [kind, join(this.folder, `${kind}-${this.subscribers}.db`)]);
    this.#servers.set(kind, server);
    await this.#ask(kind, { ask: 'address' });
    return this.usage(kind);
  }

  /** Opens its subscribers. */
  async fill(kind: Kind): Promise<void> {
    const address = (await this.#ask(kind, { ask: 'address' })) as { url: string; token: string | null };
    this.#urls.set(kind, address.url);
    const question: ListenQuestion = { ask: 'open', ...address, count: this.subscribers, after: BEGINNING };
    await this.#audience.ask(question);
  }

  async usage(kind: Kind): Promise<Usage> {
    return (await this.#ask(kind, { ask: 'usage' })) as Usage;
  }

  /** Makes one event, and waits until every subscriber has it. `message` is what a server sends that makes none itself. */
  async deliver(kind: Kind, message = ''): Promise<Delivery> {
    const count: ListenQuestion = {
      ask: 'receipts',
      url: this.#urls.get(kind) ?? '',
      count: this.subscribers,
    };
    const receipts = this.#audience.ask(count) as Promise<Receipts>;
    const { committed } = (await this.#ask(kind, { ask: 'event', message })) as { committed: bigint };
    const { last, message: received } = await receipts;
    return { ms: Number(last - committed) / 1e6, message: received };
  }

  async end(): Promise<void> {
    await Promise.all([this.#audience, ...this.#servers.values()].map((child) => child.end()));
  }

  #ask(kind: Kind, question: ServerQuestion): Promise<unknown> {
    const server = this.#servers.get(kind);
    if (server === undefined) throw new Error(`The server ${kind} was not started.`);
    return server.ask(question);
  }
}
