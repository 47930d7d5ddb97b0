import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GRAPHIQL_BAR } from './graphiql-bar.ts';
import { GRAPHIQL_FETCHER } from './graphiql-fetcher.ts';
import { GRAPHIQL_SESSION } from './graphiql-session.ts';

const FETCHER = '__FETCHER__';
const ROOT = '<div id="root"></div>';
const SESSION_SCRIPT = `const graphiqlFetcher = (() => {
${GRAPHIQL_FETCHER}
${GRAPHIQL_SESSION}
return createSession();
})();`;

/** The query that the editor begins with: README's first. */
export const FIRST_QUERY = `{
  eligibleAgents {
    nodes {
      agentId
      tier
      evaluation {
        status
        targetTier
      }
    }
  }
}
`;

interface Page {
  readonly body: Buffer;
  readonly contentSecurityPolicy: string;
}

let page: Promise<Page> | undefined;

/** Whether a request is a browser's, to open the page. */
export function asksForGraphiql({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}

/** Sends GraphiQL: 9 MB that need no network, compressed once. The token goes into the bar above it. */
export async function sendGraphiql(response: ServerResponse): Promise<void> {
  page ??= renderPage();
  const { body, contentSecurityPolicy } = await page;
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'gzip',
      'content-security-policy': contentSecurityPolicy,
    })
    .end(body);
}

async function renderPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Tierkeeper',
    defaultQuery: FIRST_QUERY,
    shouldPersistHeaders: false,
    fetcher: FETCHER,
  } as const;
  // A browser reads line breaks as \n before it takes the hash of a script.
  const rendered = renderGraphiQL(options).replace(/\r\n?/g, '\n');
  const html = rendered
    .replace(JSON.stringify(FETCHER), () => 'graphiqlFetcher')
    .replace(ROOT, () => `${GRAPHIQL_BAR}${ROOT}<script>${SESSION_SCRIPT}</script>`);
  const last = html.slice(
    html.lastIndexOf('<script>', html.indexOf('function prepareBlob')) + '<script>'.length,
  );
  const scripts = [SESSION_SCRIPT, last.slice(0, last.lastIndexOf('</script>'))];
  return { body: await promisify(gzip)(html), contentSecurityPolicy: contentSecurityPolicyOf(scripts) };
}

/** Everything is in the page, only its own scripts run, and it may talk to this server only. */
function contentSecurityPolicyOf(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
