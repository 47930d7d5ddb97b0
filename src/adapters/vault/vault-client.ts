import nodeVault from 'node-vault';
import type { Clock } from '../../app/ports/world.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import { fieldsOf, optionalFieldsOf, type Fields } from './answers.ts';
import type { Ask, VaultPath, VaultRequest } from './requests.ts';
import { Session, type Credentials } from './session.ts';
import { Transport, type TransportRequest } from './transport.ts';

/** Where a Vault is, and as whom it is asked. */
export interface VaultPlace {
  readonly address: string;
  readonly auth: Credentials;
  readonly namespace: string | null;
  /** Certificates in PEM to trust instead of the usual ones. */
  readonly ca: string | null;
}

/** How long all requests of one call may take together, in milliseconds, and the time. */
export interface VaultClientOptions {
  readonly timeout: number;
  readonly clock: Clock;
}

/** The requests of one call. */
export interface Calls {
  /** The data at a path, or null if there is none. */
  read(path: VaultPath): Promise<Fields | null>;
  /** The keys below a path; none if there is nothing. */
  list(path: VaultPath): Promise<readonly unknown[]>;
  /** All that a list tells of what is below a path; nothing if there is nothing. */
  listAll(path: VaultPath): Promise<Fields>;
  write(path: VaultPath, data: Fields): Promise<void>;
  /** The data that a question sent as a body is answered with, or null if there is none. */
  lookUp(path: VaultPath, data: Fields): Promise<Fields | null>;
  /** Writes, and gives the whole answer, wrapped if so asked. */
  obtain(path: VaultPath, data: Fields, wrapSeconds?: number): Promise<Fields>;
}

/** node-vault, with its environment, its debugging and its transport taken away. */
export class VaultClient {
  readonly timeout: number;
  readonly #client: ReturnType<typeof nodeVault>;
  readonly #transport: Transport;
  readonly #session: Session;

  constructor({ address, namespace, ca, auth }: VaultPlace, { timeout, clock }: VaultClientOptions) {
    this.timeout = timeout;
    this.#session = new Session(auth, clock);
    this.#transport = new Transport(address, { ca, secrets: () => this.#session.secrets() });
    const send = (request: TransportRequest) => this.#transport.send(request);
    this.#client = nodeVault({
      endpoint: address,
      debug: () => undefined,
      'request-promise': { defaults: () => send },
    });
    // It takes these from the environment where they are not given; a token is given with each request.
    Object.assign(this.#client, { token: '', namespace: namespace ?? '', pathPrefix: '' });
  }

  /**
   * Does the requests of one call, which all together end within the timeout.
   * @throws VaultError
   */
  async within<T>(work: (calls: Calls) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(this.timeout);
    const ask: Ask = (request) => this.#ask(request, signal);
    const asked = this.#session.asking(ask);
    return work({
      read: async (path) => dataOf(await asked({ method: 'GET', path })),
      list: async (path) => keysOf(await asked({ method: 'LIST', path })),
      listAll: async (path) => dataOf(await asked({ method: 'LIST', path })) ?? {},
      write: async (path, data) => {
        await asked({ method: 'POST', path, data });
      },
      lookUp: async (path, data) => dataOf(await asked({ method: 'POST', path, data })),
      obtain: async (path, data, wrapSeconds) => {
        const headers = wrapSeconds === undefined ? {} : { 'X-Vault-Wrap-TTL': `${wrapSeconds}s` };
        return fieldsOf(await asked({ method: 'POST', path, data, headers }), 'the answer');
      },
    });
  }

  close(): void {
    this.#transport.close();
  }

  async #ask(
    { method, path, data, headers = {} }: VaultRequest,
    signal: AbortSignal,
  ): Promise<Fields | null> {
    const options = {
      method,
      path: `/${path.map(escaped).join('/')}`,
      headers: { ...headers },
      signal,
      ...(data === undefined ? {} : { json: data }),
    };
    try {
      return (await this.#client.request(options)) as Fields | null;
    } catch (error) {
      if (error instanceof VaultError) throw error;
      // The transport lets no other status than 404 through to node-vault's own error, which holds the whole answer.
      if (statusOf(error) === 404) return null;
      throw new VaultError('NOT_VAULT', "Vault's answer is not understood", true);
    }
  }
}

function escaped(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..')
    throw new VaultError('REFUSED', 'A path to Vault has a segment that would lead elsewhere', false);
  return encodeURIComponent(segment);
}

function statusOf(error: unknown): unknown {
  const { response } = (error instanceof Error ? error : {}) as {
    readonly response?: { readonly statusCode?: unknown };
  };
  return response?.statusCode;
}

function dataOf(answer: Fields | null): Fields | null {
  return answer === null ? null : fieldsOf(answer.data, 'data');
}

function keysOf(answer: Fields | null): readonly unknown[] {
  const { keys = [] } = optionalFieldsOf(answer?.data, 'data');
  if (Array.isArray(keys)) return keys;
  throw new VaultError('NOT_VAULT', "Vault's answer is not understood: keys is no list", true);
}
