import type { IncomingMessage } from 'node:http';
import type { Log } from '../log.ts';

/** The number of foreign origins that are logged; a page can invent more, and the log must not grow with them. */
const MOST_LOGGED = 100;
const SHOWN = 200;

/** The sentence for a page whose origin is not allowed: the answer's body and the log say the same. */
export const ORIGIN_REFUSED =
  'Pages of this origin may not call: add the origin to TIERKEEPER_ALLOWED_ORIGINS, or serve the page from this server’s own.';

/**
 * An origin as URL parsers write it: scheme and host in lower case, punycode, no default port; null for what is no http or
 * https origin, such as `null`.
 */
export function normalOrigin(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { origin, href } = new URL(text);
  return href === `${origin}/` ? origin : null;
}

/** The origins whose pages may call: the configured ones, and the one that a request is addressed to. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #loopback: boolean;
  readonly #log: Log;
  readonly #logged = new Set<string>();

  /** `loopback` also allows the pages of this machine, whatever their port. */
  constructor(
    allowed: readonly string[],
    { loopback, log }: { readonly loopback: boolean; readonly log: Log },
  ) {
    this.#allowed = new Set(allowed.flatMap((origin) => normalOrigin(origin) ?? []));
    this.#loopback = loopback;
    this.#log = log;
  }

  /** Whether a page of another origin is configured to call. */
  isConfigured(origin: string): boolean {
    const normal = normalOrigin(origin);
    if (normal === null) return false;
    return this.#allowed.has(normal) || (this.#loopback && isLoopbackOrigin(normal));
  }

  /** Whether a request may be answered: it comes from no page, from a configured origin, or from this server's own. */
  allows({ headers: { origin, host } }: IncomingMessage): boolean {
    return origin === undefined || this.isConfigured(origin) || isOwn(origin, host);
  }

  /** Logs an origin the first time that it is refused. */
  refused(origin: string): void {
    if (this.#logged.has(origin) || this.#logged.size >= MOST_LOGGED) return;
    this.#logged.add(origin);
    this.#log.warn({ origin: origin.slice(0, SHOWN) }, ORIGIN_REFUSED);
  }
}

/** A proxy that ends TLS passes on the Host that the browser asked for, so the schemes may differ and the hosts may not. */
function isOwn(origin: string, host: string | undefined): boolean {
  const normal = normalOrigin(origin);
  if (normal === null || host === undefined) return false;
  const { protocol } = new URL(normal);
  return normalOrigin(`${protocol}//${host}`) === normal;
}

function isLoopbackOrigin(origin: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(origin).hostname);
}
