import type { EventAnswer, Sink } from '../sharing/sink.ts';

const END = Buffer.from('}');

/** What a sink writes to. */
interface Outlet {
  offer(message: Buffer): boolean;
  drained(): Promise<void>;
}

/** The answers of one subscription as messages of graphql-transport-ws. */
export class SocketSink implements Sink {
  readonly #outlet: Outlet;
  readonly #beginning: string;

  constructor(outlet: Outlet, id: string) {
    this.#outlet = outlet;
    this.#beginning = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  }

  send({ body }: EventAnswer): boolean {
    return this.#outlet.offer(Buffer.concat([Buffer.from(this.#beginning), body, END]));
  }

  drained(): Promise<void> {
    return this.#outlet.drained();
  }
}
