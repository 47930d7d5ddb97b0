import { newToken } from './adapters/system/new-token.ts';
import { hashToken, readTokens, TokensFileError } from './server/tokens-file.ts';

/** Whom a token is for, as an entry of a tokens file says it. */
export interface TokenHolder {
  readonly id: string;
  readonly kind: string;
  readonly roles: readonly string[];
  readonly agents?: readonly string[];
  readonly expiresAt?: string;
}

/** A new token with its entry in a tokens file; or what is wrong with its holder. */
export type MadeToken =
  | { readonly token: string; readonly entry: TokenHolder & { readonly tokenSha256: string } }
  | { readonly problems: readonly string[] };

/** Makes a token for a holder whom a tokens file could name; nothing keeps it. */
export function makeToken(holder: TokenHolder): MadeToken {
  const token = newToken();
  const entry = { tokenSha256: hashToken(token), ...holder };
  try {
    readTokens(JSON.stringify([entry]), '');
    return { token, entry };
  } catch (error) {
    if (!(error instanceof TokensFileError)) throw error;
    return { problems: error.problems.map((problem) => problem.replace(/^entry 0 /, '')) };
  }
}
