import { systemClock } from '../adapters/system/clock.ts';
import { newToken } from '../adapters/system/new-token.ts';
import { hashToken, readTokens, TokensFileError } from '../server/access/tokens-file.ts';

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
  const { expiresAt } = holder;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= systemClock.now())
    return { problems: [`--expires ${expiresAt} is past`] };
  const token = newToken();
  const entry = { tokenSha256: hashToken(token), ...holder };
  try {
    readTokens(JSON.stringify([entry]), '');
    return { token, entry };
  } catch (error) {
    if (!(error instanceof TokensFileError)) throw error;
    return { problems: error.problems.map(typed) };
  }
}

/** The options by which the fields of an entry are given. */
const OPTIONS: Readonly<Record<string, string>> = {
  id: '--id',
  kind: '--kind',
  roles: '--role',
  agents: '--agents',
  expiresAt: '--expires',
};

/** A problem of the one entry, which names the option instead of the field. */
function typed(problem: string): string {
  const [, field = '', rest = ''] = /^entry 0 (\w+)(?: \d+)? (.*)$/s.exec(problem) ?? [];
  return OPTIONS[field] === undefined ? problem : `${OPTIONS[field]} ${rest}`;
}
