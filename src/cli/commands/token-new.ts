import type { Cli } from '../cli.ts';
import { usageError, type ExitCode } from '../cli-error.ts';

/** Whom the new token is for. */
export interface TokenNewOptions {
  readonly id: string;
  readonly role: readonly string[];
  readonly kind: string;
  readonly agents?: readonly string[];
  readonly expires?: string;
}

/** Makes a token and the entry of a tokens file that lets it in; touches neither a file nor a database. */
export async function tokenNew(
  { terminal }: Cli,
  { id, role, kind, agents, expires }: TokenNewOptions,
): Promise<ExitCode> {
  const { makeToken } = await import('../../compose/token.ts');
  const made = makeToken({
    id,
    kind,
    roles: role.map((each) => each.toLowerCase()),
    ...(agents === undefined ? {} : { agents }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  });
  if ('problems' in made) throw usageError(`No token was made: ${made.problems.join('; ')}.`, made);
  const { token, entry } = made;
  terminal.printJson({ token, entry });
  const { bold, dim } = terminal.colors;
  terminal.print(
    dim('The token, which is shown this once:'),
    bold(token),
    dim('Its entry in the tokens file (TIERKEEPER_TOKENS_FILE), which does not hold the token itself:'),
    JSON.stringify(entry),
  );
  return 0;
}
