import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GRAPHIQL_FETCHER } from './graphiql-fetcher.ts';

const FETCHER = '__FETCHER__';

/** Everything is in the page, and it may talk to this server only. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

let page: Promise<Buffer> | undefined;

/** Whether a request is a browser's, to open the page. */
export function asksForGraphiql({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}

/** Sends GraphiQL: 9 MB that need no network, compressed once. The token goes into its headers editor. */
export async function sendGraphiql(response: ServerResponse): Promise<void> {
  page ??= renderPage();
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    })
    .end(await page);
}

async function renderPage(): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Tierkeeper',
    headers: JSON.stringify({ authorization: 'Bearer ' }, null, 2),
    defaultQuery: '{\n  viewer {\n    id\n    roles\n  }\n}\n',
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
    fetcher: FETCHER,
  } as const;
  const html = renderGraphiQL(options);
  return promisify(gzip)(html.replace(JSON.stringify(FETCHER), () => GRAPHIQL_FETCHER));
}
