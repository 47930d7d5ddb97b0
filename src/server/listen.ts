import { KnownError } from '../governance/known-error.ts';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.ts';

/** The server can't listen where it was told to. */
export class ListenError extends KnownError {
  override readonly name = 'ListenError';
  readonly code = 'LISTEN';
  readonly retryable = false;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there. Set PORT to 1024 or more',
  EADDRINUSE: 'something else listens there. Stop it, or set PORT',
  EADDRNOTAVAIL: 'this machine has no such address. Set HOST',
  ENOTFOUND: 'there is no such name. Set HOST',
};

/**
 * Listens, and answers the port.
 * @throws ListenError
 */
export async function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = REASONS[cause.code ?? ''] ?? cause.message;
      reject(new ListenError(`Can't listen on ${host} port ${port}: ${reason}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  return (server.address() as AddressInfo).port;
}
