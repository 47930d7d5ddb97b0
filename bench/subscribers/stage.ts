import { join } from 'node:path';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
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
  readonly #addresses = new Map<Kind, { readonly url: string; readonly token: string | null }>();
  readonly #subscribers = new Map<Kind, number>();
  readonly #events = new Map<Kind, number>();
  #audience: Child | null = null;

  constructor(private readonly folder: string) {}

  /** Starts a server without subscribers. */
  async start(kind: Kind): Promise<void> {
    this.#servers.set(kind, await Child.start('serve', [kind, join(this.folder, `${kind}.db`)]));
    const address = (await this.#ask(kind, { ask: 'address' })) as { url: string; token: string | null };
    this.#addresses.set(kind, address);
  }

  /** Opens so many more subscribers, which are sent what was before. */
  async fill(kind: Kind, count: number): Promise<void> {
    const address = this.#addresses.get(kind);
    if (address === undefined) throw new Error(`The server ${kind} was not started.`);
    this.#audience ??= await Child.start('listen', []);
    const replayed = address.token === null ? 0 : (this.#events.get(kind) ?? 0);
    const question: ListenQuestion = { ask: 'open', ...address, count, after: BEGINNING, replayed };
    await this.#audience.ask(question);
    this.#subscribers.set(kind, (this.#subscribers.get(kind) ?? 0) + count);
  }

  async usage(kind: Kind): Promise<Usage> {
    return (await this.#ask(kind, { ask: 'usage' })) as Usage;
  }

  /** Makes one event, and waits until every subscriber has it. `message` is what a server sends that makes none itself. */
  async deliver(kind: Kind, message = ''): Promise<Delivery> {
    const count = this.#subscribers.get(kind) ?? 0;
    const question: ListenQuestion = { ask: 'receipts', url: this.#addresses.get(kind)?.url ?? '', count };
    const receipts = this.#audience?.ask(question) as Promise<Receipts>;
    const { committed } = (await this.#ask(kind, { ask: 'event', message })) as { committed: bigint };
    this.#events.set(kind, (this.#events.get(kind) ?? 0) + 1);
    const { last, message: received } = await receipts;
    return { ms: Number(last - committed) / 1e6, message: received };
  }

  async end(): Promise<void> {
    for (const child of this.#servers.values()) await child.end();
    await this.#audience?.end();
  }

  #ask(kind: Kind, question: ServerQuestion): Promise<unknown> {
    const server = this.#servers.get(kind);
    if (server === undefined) throw new Error(`The server ${kind} was not started.`);
    return server.ask(question);
  }
}
