import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Ids } from '../../app/ports/world.ts';
import { freshTokens, type FreshToken } from './fresh-tokens.ts';
import { hashToken, readTokens, TokensFileError } from './tokens-file.ts';

const MADE_NEW = 'Remove it to have new tokens made';

/**
 * The tokens that a file of mode 0600 keeps from one start to the next; where there is no file, one is written with a new
 * token per role. It has the form of a tokens file.
 * @throws TokensFileError if the file is broken, can't be read or written, or may be read by other users of this machine
 */
export function keptTokens(file: string, ids: Ids): readonly FreshToken[] {
  const content = contentOf(file);
  if (content !== null) return tokensOf(content, file);
  const fresh = freshTokens(ids);
  const entries = fresh.map(({ token, principal: { id, kind, roles } }) => ({
    token,
    id,
    kind: kind.toLowerCase(),
    roles: roles.map((role) => role.toLowerCase()),
  }));
  attempt(file, 'written', () => {
    // Written whole or not at all.
    const draft = `${file}.${ids.next().slice(0, 8)}`;
    writeFileSync(draft, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  });
  return fresh;
}

function contentOf(file: string): string | null {
  return attempt(file, 'read', () => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
      throw new TokensFileError(
        [
          `other users of this machine may read or change it. Run chmod 600 on it, or remove it to have new tokens made`,
        ],
        file,
      );
    return readFileSync(file, 'utf8');
  });
}

function tokensOf(content: string, file: string): readonly FreshToken[] {
  let principals: ReturnType<typeof readTokens>;
  try {
    principals = readTokens(content, file);
  } catch (error) {
    if (!(error instanceof TokensFileError)) throw error;
    throw new TokensFileError([`${error.problems.join('; ')}. ${MADE_NEW}`], file);
  }
  const entries = JSON.parse(content) as readonly { readonly token?: string }[];
  const tokens = entries.flatMap(({ token }) => {
    const principal = token === undefined ? undefined : principals.get(hashToken(token));
    return token === undefined || principal === undefined ? [] : [{ token, principal }];
  });
  if (tokens.length === 0 || tokens.length < entries.length)
    throw new TokensFileError([`it must hold tokens, not hashes. ${MADE_NEW}`], file);
  return tokens;
}

function attempt<T>(file: string, verb: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TokensFileError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new TokensFileError([`it can't be ${verb} (${code})`], file);
  }
}
