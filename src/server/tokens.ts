import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Clock, Ids } from '../app/ports.ts';
import type { Principal } from '../governance/principal.ts';
import { freshTokens, type FreshToken } from './fresh-tokens.ts';
import type { Log } from './log.ts';
import { TokenTable } from './token-table.ts';
import { hashToken, readTokens, TokensFileError } from './tokens-file.ts';

/** Saving a file makes several events. */
const SETTLE_MS = 50;

/** Who may come in. One answer for HTTP, WebSocket and SSE. */
export interface Tokens {
  /** The principal of an `Authorization` value, `Bearer TOKEN`; null for any other value, and for a token that has expired. */
  authenticate(authorization: unknown): Principal | null;
  /** Whether what `authenticate` answered still stands: same token, same rights, not expired. */
  holds(principal: Principal): boolean;
  /** Calls when principals came, went or changed, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Tokens made for this start alone, to be printed once; none if a tokens file is configured. */
  readonly fresh: readonly FreshToken[];
  /** Stops watching the file. */
  close(): void;
}

/** What tokens are read from. */
export interface TokensOptions {
  /** TIERKEEPER_TOKENS_FILE; null makes fresh tokens, for a server that only this machine reaches. */
  readonly file: string | null;
  /** HOST. */
  readonly host: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Opens the tokens file and follows it: on every change of its folder, which survives an atomic rename and a swapped
 * symbolic link, and on SIGHUP. A file that breaks later leaves the old one in force.
 * @throws TokensFileError if the file can't be used now, or if there is none and other machines could come
 */
export async function openTokens(options: TokensOptions): Promise<Tokens> {
  const { file, host, ids } = options;
  if (file !== null) return followFile(options, resolve(file));
  if (!isLoopback(host))
    throw new TokensFileError(
      ['set TIERKEEPER_TOKENS_FILE, or HOST to 127.0.0.1'],
      `Without tokens, ${host} would let other machines in`,
    );
  const fresh = freshTokens(ids);
  const principals = new Map(fresh.map(({ token, principal }) => [hashToken(token), principal]));
  return tokensOf(new TokenTable(options.clock, principals), { fresh, close: () => undefined });
}

function tokensOf(table: TokenTable, rest: Pick<Tokens, 'fresh' | 'close'>): Tokens {
  return {
    authenticate: (authorization) => table.authenticate(authorization),
    holds: (principal) => table.holds(principal),
    onChange: (listener) => table.onChange(listener),
    ...rest,
  };
}

async function followFile({ clock, log }: TokensOptions, file: string): Promise<Tokens> {
  let content = await read(file);
  const table = new TokenTable(clock, readTokens(content));
  const reload = async () => {
    try {
      const now = await read(file);
      if (now === content) return;
      table.replace(readTokens(now));
      content = now;
      log.info({ file }, 'read the tokens file again');
    } catch (err) {
      const problems = err instanceof TokensFileError ? err.problems : ['something unforeseen happened'];
      log.error({ file, problems }, 'the tokens file is broken; the tokens it had remain in force');
    }
  };
  let reloaded = Promise.resolve();
  const inTurn = () => {
    reloaded = reloaded.then(reload);
  };
  return tokensOf(table, { fresh: [], close: onFolderChange(file, inTurn, log) });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new TokensFileError([`${file} can't be read (${code})`]);
  }
}

function onFolderChange(file: string, reload: () => void, log: Log): () => void {
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(reload, SETTLE_MS);
  };
  const watcher = watchFolder(dirname(file), soon, (err) =>
    log.warn({ file, err }, 'the tokens file is not watched; send SIGHUP after a change'),
  );
  process.on('SIGHUP', soon);
  return () => {
    clearTimeout(settling);
    process.off('SIGHUP', soon);
    watcher?.close();
  };
}

/** Machines allow only so many watchers; then there is none. */
function watchFolder(
  folder: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): FSWatcher | null {
  try {
    return watch(folder, onChange).on('error', onError);
  } catch (error) {
    onError(error);
    return null;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
