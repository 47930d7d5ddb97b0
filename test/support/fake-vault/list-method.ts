import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** What stands in for LIST: as long, and known to Node's parser, which refuses methods that it does not know. */
export const LIST = 'LINK';

/** A connection on which requests that begin with LIST are taken in: a request begins where a chunk does. */
export class ListingSocket extends Duplex {
  constructor(readonly raw: Socket) {
    super();
    raw.on('data', (chunk: Buffer) => {
      if (chunk.subarray(0, 5).toString('latin1') === 'LIST ') chunk.write(LIST, 'latin1');
      if (!this.push(chunk)) raw.pause();
    });
    raw.on('end', () => this.push(null));
    raw.on('close', () => this.destroy());
    raw.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.raw.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, encoding, done);
  }

  override _final(done: () => void): void {
    this.raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.raw.destroy();
    done(error);
  }

  /** What Node asks of a socket. */
  setTimeout(): this {
    return this;
  }

  /** Ends as a machine does that has gone. */
  reset(): void {
    this.raw.resetAndDestroy();
  }
}
