import { describe, expect, it } from 'vitest';
import { givenServer, TOKEN } from './given-server.ts';

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('the probes', () => {
  it('tell everybody that the server is alive, and whether it is ready', async () => {
    const given = await givenServer({ production: true });
    expect((await fetch(given.at('/healthz'))).status).toBe(200);
    const response = await fetch(given.at('/readyz'));
    expect([response.status, await response.json()]).toEqual([
      200,
      { ready: true, checks: { database: 'ok', shutdown: 'ok' } },
    ]);
  });

  it.each([
    ['says so', () => Promise.resolve({ ready: false, checks: { database: 'gone' } }), { database: 'gone' }],
    ['fails', () => Promise.reject(new Error('secret detail')), {}],
    ['hangs', () => new Promise<never>(() => undefined), {}],
  ])('tell that it is not ready when the check %s', async (_what, readiness, checks) => {
    const given = await givenServer({ readiness });
    const response = await fetch(given.at('/readyz'));
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: { ...checks, shutdown: 'ok' } },
    ]);
    expect((await fetch(given.at('/healthz'))).status).toBe(200);
  });

  it('tell that it is not ready once it stops', async () => {
    let ready: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (ready = resolve));
    const given = await givenServer({ readiness: () => asked.then(() => ({ ready: true, checks: {} })) });
    const probe = fetch(given.at('/readyz'));
    await fetch(given.at('/healthz'));
    const closed = given.close();
    ready();
    const response = await probe;
    expect([response.status, await response.json()]).toEqual([
      503,
      { ready: false, checks: { shutdown: 'stopping' } },
    ]);
    await closed;
  });
});

describe('the metrics', () => {
  it.each([
    [200, TOKEN.auditor],
    [200, TOKEN.admin],
    [403, TOKEN.viewer],
  ])('answer %i, by role', async (status, token) => {
    const given = await givenServer();
    const response = await fetch(given.at('/metrics'), as(token));
    expect(response.status).toBe(status);
    expect((await response.text()).includes('tierkeeper_subscribers 0')).toBe(status === 200);
  });

  it('need a token where tokens are configured, from this machine too: a proxy on it may let in anybody', async () => {
    const given = await givenServer();
    expect((await fetch(given.at('/metrics'))).status).toBe(401);
  });
});
