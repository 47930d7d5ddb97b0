import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connectionError, notVault, statusError, type Told } from './failures.ts';

/** A larger answer is none of Vault's: 10,000 names of agents take 0.7 MB. */
const MOST_BYTES = 8_388_608;

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
      const response = await this.#exchange(url, { method, headers, body, signal });
      const status = response.statusCode ?? 0;
      const answer = jsonOf(await textOf(response, told));
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
    }: Pick<TransportRequest, 'method' | 'headers' | 'signal'> & { body: string },
  ): Promise<IncomingMessage> {
    const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = {
      ...{ method, agent: this.#agent, signal },
      headers: { accept: 'application/json', ...(body === '' ? {} : length), ...headers },
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      send(url, options).on('response', resolve).on('error', reject).end(body);
    });
  }
}

async function textOf(response: IncomingMessage, told: Told): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw notVault('its answer does not end', told);
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
  return body;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
