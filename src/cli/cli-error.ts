/** How the command ends: done, refused, wrong usage or input, unavailable, or an approval that does not complete yet. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What an error has beside its code and message, as `--json` shows it. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** A command that came to nothing: for programs the code, for people the message, for the shell the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly exit: ExitCode;
  readonly details: ErrorDetails;

  constructor(
    message: string,
    {
      code,
      exit,
      details = {},
      cause,
    }: { code: string; exit: ExitCode; details?: ErrorDetails; cause?: unknown },
  ) {
    super(message, { cause });
    this.code = code;
    this.exit = exit;
    this.details = details;
  }
}

/** What was typed or set is wrong. */
export function usageError(message: string, details: ErrorDetails = {}): CliError {
  return new CliError(message, { code: 'USAGE', exit: 2, details });
}
