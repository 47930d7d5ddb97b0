import { KnownError } from '../../governance/known-error.ts';
import { resolve } from 'node:path';
import type { Clock, Ids } from '../../app/ports/world.ts';
import type { JwtConfig } from '../../config/jwt.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { followTokensFile, type FollowedFile } from './follow-tokens-file.ts';
import { freshTokens, type FreshToken } from './fresh-tokens.ts';
import { keptTokens } from './kept-tokens.ts';
import { openJwt, type JwtPrincipals } from './jwt.ts';
import type { Log } from '../log.ts';
import { TokenTable } from './token-table.ts';
import { hashToken } from './tokens-file.ts';

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

/** Who may come in. One answer for HTTP, WebSocket and SSE. */
export interface Tokens {
  /**
   * The principal of an `Authorization` value, `Bearer TOKEN`; null for any other value, and for a token that has expired.
   * @throws GraphQLError OVERLOADED if it can't be known now
   */
  authenticate(authorization: unknown): Promise<Principal | null>;
  /** Whether what `authenticate` answered still stands: same token or key, same rights, not expired. */
  holds(principal: Principal): boolean;
  /** Calls when principals came, went or changed, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Tokens to be printed at start; none if any way to come in is configured. */
  readonly fresh: readonly FreshToken[];
  /** Stops watching the file and fetching keys. */
  close(): void;
}

/** What tokens are read from. */
export interface TokensOptions {
  /** TIERKEEPER_TOKENS_FILE. */
  readonly file: string | null;
  /** TIERKEEPER_JWKS_URL and what belongs to it. With neither, fresh tokens serve whom only this machine reaches. */
  readonly jwt: JwtConfig | null;
  /** HOST. */
  readonly host: string;
  /**
   * Whether tokens that could be guessed are refused where other machines can try them. Where only this machine reaches the
   * server, they are warned of.
   */
  readonly production?: boolean;
  /** The same by TIERKEEPER_WEAK_TOKENS, whoever reaches the server. */
  readonly weakTokens?: 'refuse' | 'warn' | null;
  readonly clock: Clock;
  readonly ids: Ids;
  /** A file that keeps what would be fresh tokens from one start to the next; without it each start has its own. */
  readonly keptIn?: string | null;
  readonly log: Log;
}

/** Nobody could come in, or anybody. */
export class NoTokensError extends KnownError {
  override readonly name = 'NoTokensError';
  readonly code = 'NO_TOKENS';
  readonly retryable = false;
}

/**
 * Opens what lets in, and follows it; SIGHUP has all of it read again.
 * @throws TokensFileError if the file can't be used now, NoTokensError if nothing is configured and other machines could come
 */
export async function openTokens(options: TokensOptions): Promise<Tokens> {
  const { file, host, clock, log } = options;
  if (file === null && options.jwt === null && !isLoopback(host))
    throw new NoTokensError(
      `Without tokens, ${host} would let other machines in: set TIERKEEPER_TOKENS_FILE or TIERKEEPER_JWKS_URL, or HOST to 127.0.0.1.`,
    );
  const { weakTokens = null } = options;
  const isExposed = options.production === true && !isLoopback(host);
  const refuseWeak = weakTokens === null ? isExposed : weakTokens === 'refuse';
  const followed =
    file === null ? null : await followTokensFile({ file: resolve(file), refuseWeak, clock, log });
  const jwt = options.jwt === null ? null : await openJwt({ config: options.jwt, clock, log });
  void jwt?.refresh();
  const fresh = followed === null && jwt === null ? freshOf(options) : [];
  const table = followed?.table ?? tableOf(clock, fresh);
  return { ...principalsOf(table, jwt), fresh, close: onHangUp(followed, jwt) };
}

function freshOf({ keptIn, ids }: TokensOptions): readonly FreshToken[] {
  return keptIn == null ? freshTokens(ids) : keptTokens(resolve(keptIn), ids);
}

function tableOf(clock: Clock, fresh: readonly FreshToken[]): TokenTable {
  return new TokenTable(
    clock,
    new Map(fresh.map(({ token, principal }) => [hashToken(token), principal] as const)),
  );
}

function principalsOf(table: TokenTable, jwt: JwtPrincipals | null): Omit<Tokens, 'fresh' | 'close'> {
  return {
    authenticate: async (authorization) => {
      const token = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
      if (token === undefined) return null;
      return table.find(token) ?? (await jwt?.authenticate(token)) ?? null;
    },
    holds: (principal) => table.holds(principal) || jwt?.holds(principal) === true,
    onChange: (listener) => {
      const stops = [table.onChange(listener), jwt?.onChange(listener)];
      return () => {
        for (const stop of stops) stop?.();
      };
    },
  };
}

/** Has everything read again on SIGHUP, until the returned function is called. */
function onHangUp(followed: FollowedFile | null, jwt: JwtPrincipals | null): () => void {
  const readAgain = () => {
    followed?.reload();
    void jwt?.refresh();
  };
  if (followed !== null || jwt !== null) process.on('SIGHUP', readAgain);
  return () => {
    process.off('SIGHUP', readAgain);
    followed?.close();
    jwt?.close();
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
