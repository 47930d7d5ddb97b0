import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import {
  connectionError,
  isUnknownNamespace,
  namespaceError,
  notVault,
  statusError,
  type Told,
} from './failures.ts';

/**
 * A larger answer is none of Vault's: a list tells some 350 bytes of an entity that somebody logs in as, all else is small. The
 * larger it may be, the longer does reading one that was made for that hold up everything else.
 */
const MOST_BYTES = { list: 8_388_608, other: 262_144, error: 65_536 };

/** How many objects and lists an answer is made of at most: three for each entity of such a list. */
const MOST_PARTS = 100_000;
const [OBJECT, LIST] = [0x7b, 0x5b];

/** What node-vault asks of its transport. */
export interface TransportRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Ours: ends the request in time. */
  readonly signal: AbortSignal;
}

/** What node-vault expects of it. */
export interface TransportResponse {
  readonly statusCode: number;
  readonly body: unknown;
  readonly request: { readonly path: string };
}

/**
 * Requests to one Vault, in place of the transport that node-vault brings along, which follows redirects with the token, takes
 * any page for an answer, uses proxies and obeys VAULT_SKIP_VERIFY. Certificates are always verified.
 */
export class Transport {
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #secrets: () => readonly string[];

  constructor(
    private readonly address: string,
    { ca, secrets }: { readonly ca: string | null; readonly secrets: () => readonly string[] },
  ) {
    this.#secrets = secrets;
    const options = { keepAlive: true, maxSockets: 64 };
    this.#agent = address.startsWith('https:')
      ? new HttpsAgent({ ...options, rejectUnauthorized: true, ...(ca === null ? {} : { ca }) })
      : new HttpAgent(options);
  }

  /** @throws VaultError unless Vault answers 200, 204 or 404 */
  async send({ method, uri, headers, json, signal }: TransportRequest): Promise<TransportResponse> {
    const url = new URL(uri);
    const told = { what: `${method} ${url.pathname}`, address: url.origin, secrets: this.#secrets() };
    if (url.origin !== this.address) throw notVault('it is another host', told);
    const body = json === undefined || json === true ? '' : JSON.stringify(json);
    try {
      const response = await this.#exchange(url, { method, headers, body, signal, told });
      const status = response.statusCode ?? 0;
      const answer = jsonOf(await textOf(response, mostOf(status, url.pathname, method), told));
      if (status === 204 && method !== 'POST') throw notVault('it tells nothing where it was asked', told);
      return { statusCode: status, body: checked(status, answer, told), request: { path: url.pathname } };
    } catch (error) {
      throw connectionError(signal.aborted ? signal.reason : error, told);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(
    url: URL,
    {
      method,
      headers,
      body,
      signal,
      told,
    }: Pick<TransportRequest, 'method' | 'headers' | 'signal'> & { body: string; told: Told },
  ): Promise<IncomingMessage> {
    const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = {
      method,
      agent: this.#agent,
      signal,
      headers: { accept: 'application/json', ...(body === '' ? {} : length), ...headers },
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      send(url, options)
        .on('response', resolve)
        .on('upgrade', (_response, socket) => {
          // Nothing more comes of this request by itself, not even its end in time.
          socket.destroy();
          reject(notVault('it speaks another protocol', told));
        })
        .on('error', reject)
        .end(body);
    });
  }
}

/** Only what Vault was asked to tell is read at length: not what it says of a request that it did not do. */
function mostOf(status: number, path: string, method: string): number {
  if (status !== 200) return MOST_BYTES.error;
  return method === 'LIST' || path.startsWith('/v1/sys/') ? MOST_BYTES.list : MOST_BYTES.other;
}

async function textOf(response: IncomingMessage, most: number, told: Told): Promise<string> {
  const chunks: Buffer[] = [];
  let [bytes, parts] = [0, 0];
  for await (const chunk of response) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > most) throw notVault('its answer does not end', told);
    for (const byte of piece) if (byte === OBJECT || byte === LIST) parts += 1;
    if (parts > MOST_PARTS) throw notVault('its answer is made of too much', told);
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The body of an answer that Vault may give; undefined if it is no JSON. */
function checked(status: number, body: unknown, told: Told): unknown {
  if (status === 204) return null;
  if (status !== 200 && status !== 404) throw statusError(status, body, told);
  if (typeof body !== 'object' || body === null) throw notVault('its answer is no JSON object', told);
  if (status === 404 && !('errors' in body && Array.isArray(body.errors)))
    throw notVault('its 404 has no errors', told);
  if (status === 404 && isUnknownNamespace(body)) throw namespaceError(told);
  return body;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
