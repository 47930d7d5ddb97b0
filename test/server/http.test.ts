import { request, type IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { ask, type Answer } from './ask.ts';
import { givenServer, subscribed, TOKEN } from './given-server.ts';

const html = { headers: { accept: 'text/html,*/*;q=0.8' } };

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

describe('a request', () => {
  it('is executed as the principal of its token', async () => {
    const given = await givenServer();
    expect((await ask(given, '{ me }')).data).toEqual({ me: 'val' });
    expect((await ask(given, '{ me }', { token: TOKEN.service })).data).toEqual({ me: 'runner' });
  });

  it.each([null, 'unknown', '', 't-viewer extra'])('is refused without a valid token: %s', async (token) => {
    const given = await givenServer();
    const { status, headers, errors, data, code } = await ask(given, '{ me }', { token });
    expect([status, code, data]).toEqual([401, 'UNAUTHENTICATED', undefined]);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(errors?.[0]?.extensions).toEqual({
      code: 'UNAUTHENTICATED',
      requestId: headers.get('x-request-id'),
      retryable: false,
      retryAfterMs: null,
    });
    expect(given.operations).toEqual([]);
  });

  it('is refused without a token whatever it accepts, asks or sends', async () => {
    const given = await givenServer({ production: true });
    const answers = await Promise.all([
      fetch(given.url, html),
      fetch(`${given.url}?query=%7B__typename%7D`, { headers: { 'x-graphql-yoga-csrf': '1' } }),
      fetch(given.url, { method: 'POST', body: 'nonsense', headers: { accept: 'application/json' } }),
      fetch(given.url, { method: 'POST', headers: { accept: 'text/event-stream' } }),
      fetch(given.url, { method: 'DELETE' }),
      fetch(given.url, { method: 'POST', body: '{}', headers: { accept: 'application/xml' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
  });

  it('by GET is answered with a token alone, which no page of another site can send, and never changes anything', async () => {
    const given = await givenServer();
    const get = (query: string) =>
      fetch(`${given.url}?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${TOKEN.viewer}` },
      });
    const answered = await get('{ me }');
    expect([answered.status, ((await answered.json()) as Answer).data]).toEqual([200, { me: 'val' }]);
    expect((await fetch(`${given.url}?query=%7Bme%7D`)).status).toBe(401);
    const mutation = await get('mutation { bump }');
    expect([mutation.status, mutation.headers.get('allow'), given.world.bumps]).toEqual([405, 'POST', 0]);
  });

  it('that is malformed is the mistake of its sender', async () => {
    const given = await givenServer();
    const send = async (init: Init, search = '') => {
      const headers = {
        authorization: `Bearer ${TOKEN.viewer}`,
        'x-graphql-yoga-csrf': '1',
        ...init.headers,
      };
      const response = await fetch(given.url + search, { ...init, headers });
      const answer = (await response.json()) as Answer;
      return [response.status, answer.errors?.[0]?.extensions.code];
    };
    const json = { 'content-type': 'application/json' };
    const wrong = [400, 'BAD_REQUEST'];
    expect(await send({ method: 'POST', headers: json, body: '{"query":' })).toEqual(wrong);
    expect(await send({ method: 'POST', headers: json, body: '[]' })).toEqual(wrong);
    expect(await send({ method: 'POST', headers: json, body: '[{"query":"{me}"}]' })).toEqual(wrong);
    expect(await send({}, '?query=%7Bme%7D&variables=%7B')).toEqual(wrong);
    expect(await send({ method: 'PUT', headers: json, body: '{}' })).toEqual([405, 'BAD_REQUEST']);
    expect(given.lines.join('')).not.toContain('"level":50');
  });

  it('that can be neither read nor answered is refused in words, before anything is done', async () => {
    const given = await givenServer();
    const body = JSON.stringify({ query: 'mutation { bump }' });
    const send = async (headers: Record<string, string>) => {
      const response = await fetch(given.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${TOKEN.viewer}`,
          'x-graphql-yoga-csrf': '1',
          ...headers,
        },
        body,
      });
      const { errors } = (await response.json()) as Answer;
      expect(errors?.[0]?.extensions).toEqual({
        code: 'BAD_REQUEST',
        requestId: response.headers.get('x-request-id'),
        retryable: false,
        retryAfterMs: null,
      });
      return [response.status, errors?.[0]?.message];
    };
    const json = [415, expect.stringContaining('content-type: application/json')];
    expect(await send({ 'content-type': 'text/plain' })).toEqual(json);
    expect(await send({ 'content-type': 'multipart/form-data; boundary=x' })).toEqual(json);
    expect(await send({ 'content-encoding': 'gzip' })).toEqual([415, expect.stringContaining('as it is')]);
    const accepts = [406, expect.stringContaining('Accept application/json')];
    for (const accept of ['application/xml', 'text/html', 'application/json;charset=utf-16', ',', 'x'])
      expect(await send({ accept }), accept).toEqual(accepts);
    expect(given.world.bumps).toBe(0);
  });

  it('for a subscription that takes no stream is refused in words, and the subscription ends', async () => {
    const given = await givenServer();
    const { status, errors, data } = await ask(given, 'subscription { waits }');
    expect([status, data]).toEqual([406, undefined]);
    expect(errors?.[0]?.message).toContain('text/event-stream');
    await subscribed(given, 0);
  });

  it.each(['*/*', 'application/*', 'text/html, */*;q=0.1', 'application/json; charset=UTF-8', ''])(
    'that accepts %j is answered',
    async (accept) => {
      const given = await givenServer();
      expect((await ask(given, '{ me }', { accept })).data).toEqual({ me: 'val' });
    },
  );

  it('whose body is too large is answered without being read', async () => {
    const given = await givenServer({ limits: { bodyBytes: 1_000 } });
    const { status, body, closes } = await post(given.url, { 'content-length': '5000000' }, (send) =>
      send('{'),
    );
    expect([status, body.errors?.[0]?.extensions.code, closes]).toEqual([413, 'PAYLOAD_TOO_LARGE', 'close']);
  });

  it('whose body grows too large on the way is cut off', async () => {
    const given = await givenServer({ limits: { bodyBytes: 1_000 } });
    const { status, body } = await post(given.url, { 'transfer-encoding': 'chunked' }, (send) => {
      for (let i = 0; i < 20; i++) send(' '.repeat(100));
    });
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('without an announced length is read too', async () => {
    const given = await givenServer();
    const { status, body } = await post(given.url, { 'transfer-encoding': 'chunked' }, (send, end) => {
      send('{"query":');
      send('"{ me }"}');
      end();
    });
    expect([status, body]).toEqual([200, { data: { me: 'val' } }]);
  });

  it('of the largest allowed size is read', async () => {
    const given = await givenServer({ limits: { bodyBytes: 1_000 } });
    const empty = JSON.stringify({ query: '{ me }', variables: { fill: '' } }).length;
    const answer = await ask(given, '{ me }', { variables: { fill: 'x'.repeat(1_000 - empty) } });
    expect(answer.status).toBe(200);
    expect((await ask(given, '{ me }', { variables: { fill: 'x'.repeat(1_001 - empty) } })).status).toBe(413);
  });

  it('is answered with headers that keep browsers from guessing, framing and storing', async () => {
    const given = await givenServer();
    const { headers } = await ask(given, '{ me }');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect((await fetch(given.at('/healthz'))).headers.get('x-frame-options')).toBe('DENY');
  });

  it('survives a host that is no host', async () => {
    const given = await givenServer();
    const { status } = await post(given.url, { host: '[', 'content-length': '17' }, (send) =>
      send('{"query":"{ me }"}'.slice(0, 17)),
    );
    expect(status).toBe(400);
  });

  it('elsewhere finds nothing', async () => {
    const given = await givenServer();
    const paths = ['/', '/graphql/x', '/graphqlx', '/health', '/..%2fgraphql'];
    const answers = await Promise.all(paths.map((path) => fetch(given.at(path), html)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 404));
  });

  it('that its caller gives up aborts the signal of its operation', async () => {
    const given = await givenServer();
    const giveUp = new AbortController();
    const asked = fetch(given.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN.viewer}` },
      body: JSON.stringify({ query: '{ hang }' }),
      signal: giveUp.signal,
    }).catch(() => 'gave up');
    await vi.waitFor(() => expect(given.world.hangs).toBe(1));
    giveUp.abort();
    expect(await asked).toBe('gave up');
    await vi.waitFor(() => expect(given.world.aborted).toEqual(['hang']));
  });
});

describe('pages of other sites', () => {
  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it('may not call unless their origin is configured', async () => {
    const given = await givenServer({ allowedOrigins: ['https://a.example', 'https://b.example'] });
    for (const origin of ['https://evil.example', 'null', 'https://a.example.evil.example']) {
      const { headers } = await preflight(given.url, origin);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    const { headers, status } = await preflight(given.url, 'https://b.example');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'https://b.example']);
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('may read why they were refused', async () => {
    const given = await givenServer({ allowedOrigins: ['https://a.example'] });
    const { status, headers } = await ask(given, '{ me }', {
      token: null,
      headers: { origin: 'https://a.example' },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([401, 'https://a.example']);
  });

  it('may not call by default', async () => {
    const given = await givenServer();
    const { headers } = await preflight(given.url, 'https://a.example');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** A request whose body is sent, and ended, as told. */
async function post(
  url: string,
  headers: Record<string, string>,
  write: (send: (text: string) => void, end: () => void) => void,
) {
  const sent = request(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN.viewer}`, 'content-type': 'application/json', ...headers },
  });
  sent.on('error', () => undefined);
  write(
    (text) => sent.write(text),
    () => sent.end(),
  );
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('close', () => reject(new Error('closed without an answer'))),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  sent.destroy();
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Answer;
  return { status: response.statusCode, body, closes: response.headers.connection };
}
