import { parse } from 'graphql';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { givenServer, subscribed, TOKEN, type Given } from './given-server.ts';

interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}
type Fetcher = (
  params: object,
  options: object,
) => Promise<unknown> & { subscribe(observer: Observer): { unsubscribe(): void } };

const page = (given: Given) =>
  fetch(given.url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

/** The page's own function, run where a browser would: with its globals, and nothing else. */
function fetcherOf(html: string, given: Given): Fetcher {
  const source = /"fetcher":(function [\s\S]*?\n\})[,}]/.exec(html)?.[1];
  const location = { origin: new URL(given.url).origin, pathname: '/graphql' };
  const fetchHere = (path: string, init: RequestInit) => fetch(given.at(path), init);
  return runInNewContext(`(${source ?? ''})`, { location, fetch: fetchHere, WebSocket }) as Fetcher;
}

const asked = (query: string, authorization: string, variables?: object) =>
  [
    { query, variables },
    { headers: { Authorization: authorization }, documentAST: parse(query) },
  ] as const;

describe('GraphiQL', () => {
  it('is for everybody outside production, whole and from this server alone', async () => {
    const given = await givenServer();
    const response = await page(given);
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    expect(html.length).toBeGreaterThan(5_000_000);
    expect(html).toContain('<title>Tierkeeper</title>');
    expect(html).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    expect(html).not.toContain('__FETCHER__');
  });

  it('is not there in production', async () => {
    const given = await givenServer({ production: true });
    expect((await page(given)).status).toBe(401);
  });

  it('sends queries with the token of its headers editor', async () => {
    const given = await givenServer();
    const fetcher = fetcherOf(await (await page(given)).text(), given);
    expect(await fetcher(...asked('{ me }', `Bearer ${TOKEN.admin}`))).toEqual({ data: { me: 'root' } });
    expect(JSON.stringify(await fetcher(...asked('{ me }', 'Bearer wrong')))).toContain('UNAUTHENTICATED');
  });

  it('subscribes over a WebSocket with the same token', async () => {
    const given = await givenServer();
    const fetcher = fetcherOf(await (await page(given)).text(), given);
    const seen: unknown[] = [];
    const observer = {
      next: (value: unknown) => seen.push(value),
      error: (error: unknown) => seen.push(String(error)),
      complete: () => seen.push('complete'),
    };
    const settled = (text: string) => vi.waitFor(() => expect(JSON.stringify(seen)).toContain(text), 5_000);
    given.world.ledger.append('flood', 1, 2);
    const query = 'subscription($bytes: Int!) { flood(bytes: $bytes) }';
    const floods = fetcher(...asked(query, `Bearer ${TOKEN.viewer}`, { bytes: 2 })).subscribe(observer);
    await vi.waitFor(() => expect(seen).toEqual([{ data: { flood: 'xx' } }, { data: { flood: 'xx' } }]));
    floods.unsubscribe();
    await subscribed(given, 0);
    seen.splice(0);
    fetcher(...asked('subscription { nothing }', `Bearer ${TOKEN.viewer}`)).subscribe(observer);
    await settled('GRAPHQL_VALIDATION_FAILED');
    seen.splice(0);
    fetcher(...asked('subscription { waits }', 'Bearer wrong')).subscribe(observer);
    await settled('4403 Forbidden');
    const waits = fetcher(...asked('subscription { waits }', `Bearer ${TOKEN.viewer}`)).subscribe(observer);
    await subscribed(given, 1);
    waits.unsubscribe();
    await subscribed(given, 0);
  });
});
