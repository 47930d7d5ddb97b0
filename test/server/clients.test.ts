// The spellings that real clients and proxies use, over raw bytes where a client of Node's would tidy them up.
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { ask, type Answer } from './ask.ts';
import { givenServer, TOKEN, type Given } from './given-server.ts';
import { givenSocket } from './websocket/given-socket.ts';

const BEARER = `Bearer ${TOKEN.viewer}`;

interface Raw {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

/** Sends bytes as they are, and reads the answer until the server closes. */
async function raw({ port }: Given, head: readonly string[], body: Buffer = Buffer.alloc(0)): Promise<Raw> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const lines = [...head, `content-length: ${body.length}`, 'connection: close', '', ''];
  socket.write(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]));
  await new Promise((resolve) => socket.once('close', resolve));
  const answer = Buffer.concat(chunks);
  const end = answer.indexOf('\r\n\r\n');
  const text = answer.subarray(0, end).toString();
  return { status: Number(text.split(' ')[1]), head: text.toLowerCase(), body: answer.subarray(end + 4) };
}

const post = (target: string, ...headers: readonly string[]) => [
  `POST ${target} HTTP/1.1`,
  'host: tierkeeper.example',
  `authorization: ${BEARER}`,
  ...headers,
];
const QUERY = Buffer.from(JSON.stringify({ query: '{ me }' }));

describe('bytes that are not UTF-8', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');

  it.each([
    ['JSON', 'application/json', latin1(JSON.stringify({ query: '{ me }', variables: { id: 'caf\u00e9' } }))],
    ['a document', 'application/graphql', latin1('{ me } # caf\u00e9')],
    ['a form', 'application/x-www-form-urlencoded', Buffer.from('query=%7Bme%7D&operationName=caf%E9')],
  ])('are refused in %s, and nothing is executed', async (_what, type, body) => {
    const given = await givenServer();
    const head = post('/graphql', `content-type: ${type}`, 'x-graphql-yoga-csrf: 1');
    const { status, body: answer } = await raw(given, head, body);
    const { errors } = JSON.parse(answer.toString()) as Answer;
    expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST']);
    expect(errors?.[0]?.message).toContain('UTF-8');
    expect(given.operations).toEqual([]);
  });

  it('are refused in a body without a length', async () => {
    const given = await givenServer();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(latin1('{"query":"{ me } # \u00e9"}'));
        controller.close();
      },
    });
    const headers = { authorization: BEARER, 'content-type': 'application/json' };
    const response = await fetch(given.url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect([response.status, given.operations]).toEqual([400, []]);
  });

  it('are refused in the target of a GET, escaped or not', async () => {
    const given = await givenServer();
    for (const query of ['%7Bme%7D&operationName=caf%E9', '%7Bme%7D&operationName=caf\u00e9']) {
      const head = [`GET /graphql?query=${query} HTTP/1.1`, 'host: a', `authorization: ${BEARER}`];
      expect((await raw(given, head)).status).toBe(400);
    }
    expect(given.operations).toEqual([]);
  });

  it('announced by another charset are answered 415, and UTF-8 in any spelling is read', async () => {
    const given = await givenServer();
    const status = async (type: string) =>
      (await raw(given, post('/graphql', `content-type: ${type}`), QUERY)).status;
    for (const charset of ['iso-8859-1', 'UTF-16', '"windows-1252"'])
      expect(await status(`application/json; charset=${charset}`), charset).toBe(415);
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"', '"UTF8"'])
      expect(await status(`application/json;charset=${charset}`), charset).toBe(200);
  });
});

describe('a request', () => {
  it.each(['Application/JSON', 'APPLICATION/JSON ; Charset="UTF-8"', 'application/graphql+JSON'])(
    'is read whatever the case and spacing of its content type: %s',
    async (type) => {
      const given = await givenServer();
      const { status, body } = await raw(given, post('/graphql', `content-type: ${type}`), QUERY);
      expect([status, JSON.parse(body.toString())]).toEqual([200, { data: { me: 'val' } }]);
    },
  );

  it('may name its target as a whole URL, as proxies do', async () => {
    const given = await givenServer();
    const head = post('http://tierkeeper.example/graphql', 'content-type: application/json');
    expect((await raw(given, head, QUERY)).status).toBe(200);
    expect((await raw(given, ['GET HTTP://a.example/healthz HTTP/1.1', 'host: a.example'])).status).toBe(200);
  });

  it.each([
    'application/json; charset="utf-8"',
    'Application/Json;Q=0.9',
    'text/html;q=0.1 , application/json',
  ])('may quote what it accepts: %s', async (accept) => {
    const given = await givenServer();
    expect((await ask(given, '{ me }', { accept })).status).toBe(200);
  });
});

describe('a server on IPv6', () => {
  it('tells a URL that can be asked', async () => {
    const given = await givenServer({ host: '::1' });
    expect(given.url).toBe(`http://[::1]:${given.port}/graphql`);
    expect((await ask(given, '{ me }')).data).toEqual({ me: 'val' });
  });
});

describe('an answer above 1 KiB', () => {
  const long = `{ ${Array.from({ length: 15 }, (_, index) => `a${index}${'x'.repeat(80)}: me`).join(' ')} }`;

  it.each([
    ['gzip', 'gzip', gunzipSync],
    ['gzip;q=0.5, br', 'br', brotliDecompressSync],
    ['*', 'br', brotliDecompressSync],
    ['br;q=0, *;q=0.1', 'gzip', gunzipSync],
  ])('is compressed for who accepts %s', async (accepted, coding, decompress) => {
    const given = await givenServer();
    const body = Buffer.from(JSON.stringify({ query: long }));
    const head = post('/graphql', 'content-type: application/json', `accept-encoding: ${accepted}`);
    const answer = await raw(given, head, body);
    expect(answer.head).toContain(`content-encoding: ${coding}`);
    expect(answer.head).toContain('vary: accept-encoding');
    const text = decompress(dechunked(answer)).toString();
    expect(Object.keys((JSON.parse(text) as Answer).data ?? {})).toHaveLength(15);
    expect(answer.body.length).toBeLessThan(text.length / 2);
  });

  it.each(['identity', 'gzip;q=0', 'br;q=0, gzip;q=0', 'deflate', ''])(
    'is sent as it is for: %s',
    async (accepted) => {
      const given = await givenServer();
      const body = Buffer.from(JSON.stringify({ query: long }));
      const head = post('/graphql', 'content-type: application/json', `accept-encoding: ${accepted}`);
      const answer = await raw(given, head, body);
      expect(answer.head).not.toContain('content-encoding');
      expect(answer.head).toContain('vary: accept-encoding');
      expect(dechunked(answer).toString()).toContain('"data"');
    },
  );

  it('is whole to a client that keeps its connection', async () => {
    const given = await givenServer();
    const { data } = await ask(given, long, { headers: { 'accept-encoding': 'gzip' } });
    expect(Object.keys(data ?? {})).toHaveLength(15);
  });

  it('leaves a small one alone', async () => {
    const given = await givenServer();
    const { headers } = await ask(given, '{ me }', { headers: { 'accept-encoding': 'gzip' } });
    expect(headers.get('content-encoding')).toBeNull();
  });
});

function dechunked({ head, body }: Raw): Buffer {
  if (!head.includes('transfer-encoding: chunked')) return body;
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

describe('an event stream', () => {
  it('asks proxies to keep nothing back, and is not compressed', async () => {
    const given = await givenServer();
    const giveUp = new AbortController();
    const { headers } = await fetch(given.url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'accept-encoding': 'gzip',
        authorization: BEARER,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: 'subscription { waits }' }),
      signal: giveUp.signal,
    });
    giveUp.abort();
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('content-encoding')).toBeNull();
  });
});

describe('a WebSocket', () => {
  it.each([
    { authorization: BEARER },
    { Authorization: BEARER },
    { AUTHORIZATION: BEARER.replace('Bearer', 'bearer') },
    { headers: { Authorization: BEARER } },
    { headers: { authorization: BEARER } },
  ])('is let in by its connection parameters %j', async (payload) => {
    const socket = await givenSocket(await givenServer());
    socket.send({ type: 'connection_init', payload });
    await socket.received('connection_ack');
  });

  it('is let in by the header of its upgrade, and by its parameters where it has both', async () => {
    const given = await givenServer();
    const upgraded = await givenSocket(given, { headers: { authorization: BEARER } });
    upgraded.send({ type: 'connection_init' });
    await upgraded.received('connection_ack');
    const both = await givenSocket(given, { headers: { authorization: BEARER } });
    both.send({ type: 'connection_init', payload: { authorization: 'Bearer unknown' } });
    await vi.waitFor(() => expect(both.closing?.code).toBe(4403));
  });
});

describe('an origin', () => {
  const allowedOrigins = ['https://Dash.example:443/', 'http://b\u00fccher.example'];
  const preflight = ({ url }: Given, origin: string) =>
    fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it('is compared without its case, its default port and its alphabet', async () => {
    const given = await givenServer({ allowedOrigins });
    for (const origin of [
      'https://dash.example',
      'HTTPS://DASH.EXAMPLE:443',
      'http://xn--bcher-kva.example:80',
    ]) {
      expect((await preflight(given, origin)).headers.get('access-control-allow-origin'), origin).toBe(
        origin,
      );
      expect((await givenSocket(given, { origin })).closing).toBeUndefined();
    }
  });

  it('that is refused is told and logged once, by the variable that would allow it', async () => {
    const given = await givenServer({ allowedOrigins });
    for (const origin of ['https://evil.example', 'https://evil.example', 'null']) {
      const response = await preflight(given, origin);
      expect([response.status, await response.text()]).toEqual([
        403,
        expect.stringContaining('TIERKEEPER_ALLOWED_ORIGINS'),
      ]);
    }
    const upgrade = await raw(given, [
      'GET /graphql HTTP/1.1',
      'host: a.example',
      'origin: https://evil.example',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]);
    expect([upgrade.status, upgrade.body.toString()]).toEqual([
      403,
      expect.stringContaining('TIERKEEPER_ALLOWED_ORIGINS'),
    ]);
    const logged = given.lines.filter((line) => line.includes('TIERKEEPER_ALLOWED_ORIGINS'));
    expect(logged.map((line) => (JSON.parse(line) as { origin: string }).origin)).toEqual([
      'https://evil.example',
      'null',
    ]);
  });

  it('is the server’s own if it names the host that was asked for, whatever ends TLS', async () => {
    const given = await givenServer();
    const headers = { host: 'Tierkeeper.example:443' };
    expect(
      (await givenSocket(given, { origin: 'https://tierkeeper.example', headers })).closing,
    ).toBeUndefined();
    await expect(givenSocket(given, { origin: 'https://other.example', headers })).rejects.toThrow(/403/);
  });
});
