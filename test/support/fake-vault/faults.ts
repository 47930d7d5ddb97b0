import type { ServerResponse } from 'node:http';
import type { Asked } from './answer.ts';
import { ListingSocket } from './list-method.ts';

/** What can go wrong with one request, as networks and Vaults do it. */
export const FAULTS = [
  ...(['SEALED', 'STANDBY_429', 'STANDBY_472', 'STANDBY_473', 'REDIRECT', 'HTML', 'SLOW'] as const),
  ...(['RESET_BEFORE', 'RESET_AFTER', 'ERROR_500', 'DENIED_403', 'BEHIND_412', 'REFUSED'] as const),
] as const;

/** A kind of fault. `REFUSED`: nobody listens. */
export type Fault = (typeof FAULTS)[number];

/** Which fault a request meets, or none; it is asked for every one, and may hold it up. */
export type Meets = (asked: Pick<Asked, 'operation' | 'path'>) => Fault | null | Promise<Fault | null>;

const SEALED = { errors: ['Vault is sealed'] };
const STANDBY = { initialized: true, sealed: false, standby: true };

/** Answers as the fault has it; `apply` lets Vault do what it was asked without anybody learning of it. */
export function meet(
  fault: Fault,
  response: ServerResponse,
  { apply, elsewhere }: { readonly apply: () => void; readonly elsewhere: string },
): void {
  const json = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const reset = () => {
    if (response.socket instanceof ListingSocket) response.socket.reset();
  };
  switch (fault) {
    case 'SEALED':
      return void json(503, SEALED);
    case 'STANDBY_429':
      return void json(429, STANDBY);
    case 'STANDBY_472':
      return void json(472, STANDBY);
    case 'STANDBY_473':
      return void json(473, STANDBY);
    case 'REDIRECT':
      return void response.writeHead(307, { location: elsewhere }).end();
    case 'HTML':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
    case 'SLOW': {
      // Never answered, and applied all the same.
      apply();
      return;
    }
    case 'RESET_BEFORE': {
      reset();
      return;
    }
    case 'RESET_AFTER':
      apply();
      {
        reset();
        return;
      }
    case 'ERROR_500':
      return void json(500, { errors: ['1 error occurred:\n\t* internal error\n\n'] });
    case 'DENIED_403':
      return void json(403, { errors: ['1 error occurred:\n\t* permission denied\n\n'] });
    case 'BEHIND_412':
      return void json(412, { errors: ['required index state not present'] });
    case 'REFUSED':
      return void response.socket?.destroy();
  }
}
