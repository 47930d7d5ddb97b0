import { CliError } from '../cli-error.ts';

/** A server, and whom it knows the caller as. */
export interface Remote {
  readonly url: URL;
  readonly token: string;
}

/** The connection is gone, or never was; trying again may do. */
export function unreachable({ url }: Remote, why: string, cause?: unknown): CliError {
  const message = `${url.origin} can't be reached (${why}). Check TIERKEEPER_URL and that the server runs.`;
  return new CliError(message, { code: 'NETWORK', exit: 3, cause });
}
