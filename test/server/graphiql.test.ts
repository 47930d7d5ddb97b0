import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getIntrospectionQuery, parse } from 'graphql';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { FIRST_QUERY } from '../../src/server/graphiql/graphiql.ts';
import { givenServer, subscribed, TOKEN, type Given } from './given-server.ts';

interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}
interface Subscribable {
  subscribe(observer: Observer): { unsubscribe(): void };
}
type Fetcher = (params: object, options: object) => Promise<unknown>;

/** What the bar keeps, and what it is told. */
interface Session {
  authorization(): string | null;
  ready(): Promise<void>;
  refused(authorization: string): void;
  missing(): string;
}

const page = (given: Given) =>
  fetch(given.url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

const noSession: Session = {
  authorization: () => null,
  ready: () => Promise.resolve(),
  refused: () => undefined,
  missing: () => 'no token',
};

/** The page's own function, run where a browser would: with its globals, and nothing else. */
function fetcherOf(html: string, given: Given, session = noSession): Fetcher {
  const source = /function createFetcher[\s\S]*?\n\}/.exec(html)?.[0];
  const location = { origin: new URL(given.url).origin, pathname: '/graphql' };
  const fetchHere = (path: string, init: RequestInit) => fetch(given.at(path), init);
  const createFetcher = runInNewContext(`(${source ?? ''})`, { location, fetch: fetchHere, WebSocket }) as (
    session: Session,
  ) => Fetcher;
  return createFetcher(session);
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

  it('sends nothing without a token, and lets introspection wait for one', async () => {
    const given = await givenServer();
    let authorization: string | null = null;
    const refused: string[] = [];
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const session: Session = {
      authorization: () => authorization,
      ready: () => arrived,
      refused: (each) => void refused.push(each),
      missing: () => 'no token',
    };
    const fetcher = fetcherOf(await (await page(given)).text(), given, session);
    expect(await fetcher({ query: '{ me }' }, {})).toEqual({ errors: [{ message: 'no token' }] });
    const schema = fetcher({ query: getIntrospectionQuery(), operationName: 'IntrospectionQuery' }, {});
    authorization = `Bearer ${TOKEN.admin}`;
    arrive();
    expect(await schema).toHaveProperty('data.__schema');
    expect(refused).toEqual([]);
    authorization = 'Bearer gone';
    await fetcher({ query: '{ me }' }, {});
    expect(refused).toEqual(['Bearer gone']);
  });

  it('begins with the first query of README', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
    expect(/^```graphql\n([^]*?)^```$/m.exec(readme)?.[1]).toBe(FIRST_QUERY);
  });

  it('runs no script but its own, and talks to no other server', async () => {
    const policy = (await page(await givenServer())).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src( 'sha256-[^']+'){2};/);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("form-action 'none'");
  });

  it.each([
    ['# subscription { a }\n{ subscription }', 'query'],
    [
      'fragment subscription on Query { a } subscription S($a: X = { subscription: 1 }) { waits }',
      'subscription',
    ],
    ['query Q($subscription: String = "subscription S {") { a(b: $subscription) }', 'query'],
    ['"""subscription""" mutation { a }', 'mutation'],
    ['query A { a } subscription B { b }', 'query', 'A'],
    ['query A { a } subscription B { b }', 'subscription', 'B'],
  ])('chooses the transport by the text that it sends: %s', async (query, kind, operationName?: string) => {
    const given = await givenServer();
    const html = await (await page(given)).text();
    const source = /const kindOf = [^]*?\n {2}\};/.exec(html)?.[0] ?? '';
    const kindOf = runInNewContext(`${source} kindOf`) as (params: object) => string;
    expect(kindOf({ query, operationName })).toBe(kind);
  });

  it('subscribes over a WebSocket with the same token', async () => {
    const given = await givenServer();
    const fetcher = fetcherOf(await (await page(given)).text(), given);
    const subscription = (text: string, token: string, variables?: object) =>
      fetcher(...asked(text, `Bearer ${token}`, variables)) as Promise<Subscribable>;
    const seen: unknown[] = [];
    const observer = {
      next: (value: unknown) => seen.push(value),
      error: (error: unknown) => seen.push(String(error)),
      complete: () => seen.push('complete'),
    };
    const settled = (text: string) => vi.waitFor(() => expect(JSON.stringify(seen)).toContain(text), 5_000);
    given.world.ledger.append('flood', 1, 2);
    const query = 'subscription($bytes: Int!) { flood(bytes: $bytes) }';
    const floods = (await subscription(query, TOKEN.viewer, { bytes: 2 })).subscribe(observer);
    await vi.waitFor(() => expect(seen).toEqual([{ data: { flood: 'xx' } }, { data: { flood: 'xx' } }]));
    floods.unsubscribe();
    await subscribed(given, 0);
    seen.splice(0);
    (await subscription('subscription { nothing }', TOKEN.viewer)).subscribe(observer);
    await settled('GRAPHQL_VALIDATION_FAILED');
    seen.splice(0);
    (await subscription('subscription { waits }', 'wrong')).subscribe(observer);
    await settled('The server ended the subscription: Forbidden (4403). Run it again to go on.');
    const waits = (await subscription('subscription { waits }', TOKEN.viewer)).subscribe(observer);
    await subscribed(given, 1);
    waits.unsubscribe();
    await subscribed(given, 0);
  });
});
