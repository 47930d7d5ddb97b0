import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Asked } from '../../test/support/fake-vault/answer.ts';
import { LIST, ListingSocket } from '../../test/support/fake-vault/list-method.ts';
import { VaultCore } from '../../test/support/fake-vault/vault-core.ts';

const OPERATIONS: Readonly<Record<string, Asked['operation']>> = {
  GET: 'read',
  POST: 'update',
  PUT: 'update',
  DELETE: 'delete',
  [LIST]: 'list',
};

/** Silent: it takes every request and answers none. Wrong: what answers is no Vault. */
export type BenchVaultState = 'WELL' | 'SEALED' | 'SILENT' | 'WRONG';

const SEALED = { status: 503, body: { errors: ['Vault is sealed'] } };

/** A Vault on a free port; `answered` is called once a request has taken effect, before its answer is sent. */
export async function openBenchVault(answered: (core: VaultCore) => void = () => undefined) {
  const core = new VaultCore('bench-root');
  let state: BenchVaultState = 'WELL';
  const http = createHttpServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = await askedOf(request);
    if (state === 'SILENT') return;
    if (state === 'WRONG') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
      return;
    }
    const { status, body } = state === 'SEALED' ? SEALED : core.answer(asked);
    answered(core);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const open = new Set<ListingSocket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new ListingSocket(socket);
    open.add(connection);
    http.emit('connection', connection);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  return {
    address: `http://127.0.0.1:${port}`,
    token: core.rootToken,
    entities: () => core.state().entities,
    /** How it answers from now on. */
    becomes: (next: BenchVaultState) => {
      state = next;
    },
    close,
  };
}

/** A Vault that is measured against. */
export type BenchVault = Awaited<ReturnType<typeof openBenchVault>>;

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const { method = 'GET', url = '', headers } = request;
  const body = await text(request);
  const operation = OPERATIONS[method] ?? 'read';
  const path = decodeURIComponent(url.replace(/^\/v1\//, '').replace(/\?.*$/, ''));
  return {
    operation,
    path: operation === 'list' ? `${path.replace(/\/$/, '')}/` : path,
    data: body === '' ? {} : (JSON.parse(body) as Asked['data']),
    token: String(headers['x-vault-token'] ?? ''),
    namespace: '',
    wrapTtl: null,
  };
}
