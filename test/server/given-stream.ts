import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { onTestFinished, vi } from 'vitest';
import type { Answer } from './ask.ts';
import type { Given } from './given-server.ts';

/** A subscription over SSE that shows every event and how it ended. */
export class TestStream {
  readonly status: number | undefined;
  text = '';
  ended: 'completed' | 'cut off' | undefined;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;

  constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.#response = response;
    this.status = response.statusCode;
    response.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    response.on('end', () => (this.ended = 'completed'));
    response.on('error', () => (this.ended = 'cut off'));
  }

  get events(): readonly Answer[] {
    return [...this.text.matchAll(/^event: next\n(?:id: .*\n)?data: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as Answer,
    );
  }

  /** The ids of events, the first of which says where the stream began. */
  get ids(): readonly string[] {
    return [...this.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
  }

  async closed(): Promise<'completed' | 'cut off'> {
    return vi.waitFor(() => {
      if (this.ended === undefined) throw new Error('not ended yet');
      return this.ended;
    }, 8_000);
  }

  /** Stops reading. */
  stall(): void {
    this.#response.pause();
  }

  terminate(): void {
    this.#request.destroy();
  }
}

/** Subscribes over SSE. */
export async function givenStream(
  { url }: Pick<Given, 'url'>,
  token: string,
  query: string,
  more: Readonly<Record<string, string>> = {},
): Promise<TestStream> {
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...more,
  };
  const sent = request(url, { method: 'POST', headers, agent: false });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify({ query }));
  const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  const stream = new TestStream(sent, response);
  onTestFinished(() => stream.terminate());
  return stream;
}
