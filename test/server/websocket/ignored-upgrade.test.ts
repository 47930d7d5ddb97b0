import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { givenServer, TOKEN, type Given } from '../given-server.ts';

/** A connection that is asked and answers in turn. */
async function connected({ url }: Given) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  await once(socket, 'connect');
  return {
    send: (bytes: string) => new Promise((resolve) => socket.write(bytes, resolve)),
    /** What has come since the last answer, once it matches: by default, a whole answer. */
    answer: async (until = /\}$/) => {
      while (!until.test(received)) await once(socket, 'data');
      const text = received;
      received = '';
      return text;
    },
  };
}

/** The answer to one request on a connection of its own. */
async function exchanged(given: Given, asked: string, until?: RegExp): Promise<string> {
  const socket = await connected(given);
  await socket.send(asked);
  return socket.answer(until);
}

const H2C = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
];
const OF_VAL = ['host: a.example', 'content-type: application/json', `authorization: Bearer ${TOKEN.viewer}`];
const BODY = JSON.stringify({ query: '{ hello }' });
const post = (upgrade: readonly string[], body = BODY) =>
  [
    'POST /graphql HTTP/1.1',
    ...OF_VAL,
    ...upgrade,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

describe('a request that asks for a protocol that the server does not speak', () => {
  it.each([
    ['h2c', H2C],
    ['TLS', ['connection: upgrade', 'upgrade: TLS/1.0']],
    ['a list', ['connection: keep-alive, Upgrade', 'upgrade: foo/2, h2c']],
  ])('is answered as any other: %s', async (_, upgrade) => {
    const given = await givenServer();
    const text = await exchanged(given, post(upgrade));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain('{"data":{"hello":"world"}');
  });

  it('may come in pieces, and be followed by others on its connection', async () => {
    const given = await givenServer();
    const socket = await connected(given);
    const asked = post(H2C);
    const cut = asked.length - 7;
    await socket.send(asked.slice(0, cut));
    await socket.send(asked.slice(cut));
    for (const next of [post([]), post(H2C), post([])]) {
      expect(await socket.answer()).toContain('{"data":{"hello":"world"}');
      await socket.send(next);
    }
    expect(await socket.answer()).toContain('{"data":{"hello":"world"}');
  });

  it('leaves nothing behind on its connection, however often it asks', async () => {
    const given = await givenServer();
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const socket = await connected(given);
    for (let count = 0; count < 30; count += 1) {
      await socket.send(post(H2C));
      expect(await socket.answer()).toContain('"world"');
    }
    expect(warnings).toEqual([]);
  });

  it('is let in by its token alone, and held to what bodies may be', async () => {
    const given = await givenServer();
    const stranger = post(H2C).replace(TOKEN.viewer, 'nobody');
    expect(await exchanged(given, stranger)).toMatch(/^HTTP\/1\.1 401 /);
    const large = post(H2C, 'x'.repeat(2_000_000));
    expect(await exchanged(given, large, /PAYLOAD_TOO_LARGE/)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is subscribed as any other', async () => {
    const given = await givenServer();
    const body = JSON.stringify({ query: 'subscription { waits }' });
    const asked = post(H2C, body).replace('host:', 'accept: text/event-stream\r\nhost:');
    expect(await exchanged(given, asked, /\r\n\r\n/)).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*text\/event-stream/i,
    );
  });
});
