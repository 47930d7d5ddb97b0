import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { compressed } from './compression.ts';
import type { Tokens } from './access/tokens.ts';
import { withinTime } from './limits/within-time.ts';

/** How long /readyz waits for an answer before it says no. */
const READINESS_MS = 2_000;

const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

const METRICS_REFUSED = {
  401: 'metrics are for auditors and admins',
  403: 'metrics are for auditors and admins',
  503: 'tokens can’t be checked now; try again',
} as const;

/** Whether the server can do its work, and what each check found. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, unknown>>;
}

/** What the probes tell. */
export interface ProbesOptions {
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: Registry;
  readonly tokens: Tokens;
}

/** What machines ask beside the API: is it alive, is it ready, how is it doing. */
export class Probes {
  readonly #options: ProbesOptions;
  #stopping = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** From now on not ready. */
  stopping(): void {
    this.#stopping = true;
  }

  async readyz(response: ServerResponse): Promise<void> {
    const found = await this.#readiness();
    const ready = found.ready && !this.#stopping;
    return sendJson(response, ready ? 200 : 503, {
      ready,
      checks: { ...found.checks, shutdown: this.#stopping ? 'stopping' : 'ok' },
    });
  }

  async metrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics, tokens } = this.#options;
    const status = await admission(tokens, request);
    if (status !== 200) return sendJson(response, status, { error: METRICS_REFUSED[status] });
    const text = await metrics.metrics();
    const accepted = request.headers['accept-encoding'];
    const encoded = await compressed(text, typeof accepted === 'string' ? accepted : null);
    response
      .writeHead(200, { ...encoded?.headers, 'content-type': metrics.contentType })
      .end(encoded?.body ?? text);
  }

  async #readiness(): Promise<Readiness> {
    const { signal } = new AbortController();
    try {
      return await withinTime({ ms: READINESS_MS, signal }, this.#options.readiness());
    } catch {
      return { ready: false, checks: {} };
    }
  }
}

/** Sends a small answer that is not GraphQL's. */
export function sendJson(response: ServerResponse, status: number, body: object): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
  return Promise.resolve();
}

/** Whether a request may read the metrics, as an HTTP status. */
async function admission(
  tokens: Tokens,
  request: IncomingMessage,
): Promise<200 | keyof typeof METRICS_REFUSED> {
  try {
    const principal = await tokens.authenticate(request.headers.authorization);
    if (principal === null) return tokens.fresh.length > 0 && isLocal(request) ? 200 : 401;
    return principal.roles.some((role) => role === 'AUDITOR' || role === 'ADMIN') ? 200 : 403;
  } catch {
    return 503;
  }
}

/** From this machine, neither through a proxy on it nor by a page whose name was made to point here. */
function isLocal({ socket: { remoteAddress }, headers }: IncomingMessage): boolean {
  if (!LOOPBACK_HOST.test(headers.host ?? '')) return false;
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  return remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress ?? '');
}
