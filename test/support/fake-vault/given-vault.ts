// A Vault: its API for identities, AppRole, policies and tokens as a real HTTP server, as strict as the real one wherever
// test/contracts/vault.ts looks. Tests switch faults on for single requests, and move its clock.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { failed, NO_CONTENT, randomSecret, secondsOf, type Answer, type Asked } from './answer.ts';
import { meet, type Meets } from './faults.ts';
import { LIST, ListingSocket } from './list-method.ts';
import { VaultCore } from './vault-core.ts';

/** One request as it came in. */
export interface Seen extends Asked {
  /** The path and the query, as they were sent. */
  readonly url: string;
  readonly wasAnswered: boolean;
}

/** As Vault and every HTTP server has it: an answer's head and body don't wait for each other's receipt. */
const QUICK = { noDelay: true };

/** How a Vault is started. */
export interface VaultOptions {
  /** A certificate and its key in PEM; without, it speaks http. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A Vault on a free port of this machine, gone when the test ends. */
export async function givenVault({ tls }: VaultOptions = {}) {
  const core = new VaultCore(randomSecret('hvs.root'));
  const seen: Seen[] = [];
  let meets: Meets = () => null;
  let isForgetful = false;
  let answered: (asked: Asked) => void | Promise<void> = () => undefined;
  let fixed: ((response: ServerResponse) => void) | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = await askedOf(request);
    if (asked === null) {
      send(response, failed(400, 'failed to parse JSON input'));
      return;
    }
    const fault = await meets(asked);
    const { url = '' } = request;
    seen.push({ ...asked, url, wasAnswered: fault === null });
    if (fixed !== null) {
      fixed(response);
      return;
    }
    const health = asked.path === 'sys/health' ? { initialized: true, sealed: false, standby: false } : null;
    const apply = () => {
      if (health !== null) return { status: 200, body: health };
      return isForgetful && asked.operation === 'update' ? NO_CONTENT : core.answer(asked);
    };
    if (fault === null) {
      const reply = apply();
      await answered(asked);
      send(response, reply);
    } else meet(fault, response, { apply: () => void apply(), elsewhere: 'http://127.0.0.1:9/v1/elsewhere' });
  };
  const handler = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  const http = createServer(handler);
  const open = new Set<Socket>();
  const connect = (socket: Socket) => {
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => undefined));
    http.emit('connection', new ListingSocket(socket));
  };
  const server =
    tls === undefined ? createTcpServer(QUICK, connect) : createTlsServer({ ...tls, ...QUICK }, connect);
  let port = 0;
  const listen = async () => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async () => {
    if (!server.listening) return;
    for (const socket of open) socket.destroy();
    await once(server.close(), 'close');
  };
  await listen();
  onTestFinished(stop);
  return {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    rootToken: core.rootToken,
    /** Everything that it was asked, in order. */
    seen: seen as readonly Seen[],
    /** What it keeps in a namespace, to be looked at and spoiled. */
    state: (namespace?: string) => core.state(namespace),
    /** From now on, the only namespaces that there are beside the root. */
    hasNamespaces: (...names: readonly string[]) => {
      core.namespaces = new Set(names);
    },
    /** From now on, whichever fault this names for a request. */
    meets: (next: Meets) => {
      meets = next;
    },
    /** From now on, what happens between what Vault did and its answer. */
    answered: (then: typeof answered) => {
      answered = then;
    },
    /** Whether it says yes to every write, and forgets it. */
    keepsNothing: (forgets: boolean) => {
      isForgetful = forgets;
    },
    /** Answers everything so from now on. */
    answersWith: (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
      fixed = (response) => void response.writeHead(status, headers).end(status === 204 ? '' : body);
    },
    heals: () => {
      fixed = null;
      meets = () => null;
    },
    /** Nobody listens any more; `start` listens again where it did. */
    stop,
    start: listen,
  };
}

/** A Vault under test. */
export type GivenVault = Awaited<ReturnType<typeof givenVault>>;

async function askedOf(request: IncomingMessage): Promise<Asked | null> {
  const { method = '', url = '', headers } = request;
  const { pathname, searchParams } = new URL(url, 'http://vault');
  const isList = method === LIST || (method === 'GET' && searchParams.get('list') === 'true');
  const path = decodeURIComponent(pathname.replace(/^\/v1\//, ''));
  const operations = { GET: 'read', POST: 'update', PUT: 'update', DELETE: 'delete' } as const;
  const operation = isList ? 'list' : operations[method as keyof typeof operations];
  const body = await text(request);
  const data = jsonOf(body);
  if (data === null || !pathname.startsWith('/v1/')) return null;
  const header = (name: string) => String(headers[name] ?? '');
  return {
    operation,
    path: isList ? `${path.replace(/\/$/, '')}/` : path,
    data,
    token: header('x-vault-token'),
    namespace: header('x-vault-namespace').replace(/\/$/, ''),
    wrapTtl: secondsOf(headers['x-vault-wrap-ttl']),
  };
}

function jsonOf(body: string): Asked['data'] | null {
  if (body === '') return {};
  try {
    return JSON.parse(body) as Asked['data'];
  } catch {
    return null;
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body === undefined ? undefined : `${JSON.stringify(body)}\n`);
}
