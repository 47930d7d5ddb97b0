import { CommanderError } from 'commander';
import type { KnownFault } from '../compose/faults.ts';
import { CliError, type ErrorDetails, type ExitCode } from './cli-error.ts';

/** What a command ended with, as it is shown. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly exit: ExitCode;
  readonly details: ErrorDetails;
  /** For people alone: where to look. */
  readonly hint?: string;
}

/** What any thrown error means to whoever called. */
export async function problemOf(error: unknown): Promise<Problem> {
  if (error instanceof CliError) return error.code === 'INTERNAL' ? internalProblem(error) : error;
  if (error instanceof CommanderError) return usageProblem(error);
  if (isConfigError(error)) return configProblem(error);
  const { knownFault } = await import('../compose/faults.ts');
  const fault = knownFault(error);
  const message = error instanceof Error ? error.message : String(error);
  if (fault !== null)
    return { code: fault.code, message, exit: exitOf(fault), details: detailsOf(error, fault) };
  const hint = 'This is a mistake of Tierkeeper itself. LOG_LEVEL=debug shows where it happened.';
  return { code: 'INTERNAL', message: `Something went wrong: ${message}`, exit: 3, details: {}, hint };
}

function exitOf({ retryable, denied }: KnownFault): ExitCode {
  if (denied) return 1;
  return retryable ? 3 : 2;
}

/** Where there is no server, there is no log to find the request in, unless it is asked for. */
function internalProblem({ code, message, exit, details }: CliError): Problem {
  const id = typeof details.requestId === 'string' ? `Request ${details.requestId}. ` : '';
  return { code, message, exit, details, hint: `${id}Without a server, LOG_LEVEL=debug shows the log.` };
}

function usageProblem({ message, code }: CommanderError): Problem {
  const usage = { code: 'USAGE', exit: 2, details: {} } as const;
  if (code === 'commander.help')
    return { ...usage, message: 'Name one of the commands.', hint: 'tierkeeper --help lists them.' };
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return {
    ...usage,
    message: `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
    hint: 'See tierkeeper --help.',
  };
}

/** By its name: loading its class would load what reads the configuration, for every mistake. */
function isConfigError(error: unknown): error is Error & { readonly problems: readonly unknown[] } {
  return error instanceof Error && error.name === 'ConfigError' && 'problems' in error;
}

function configProblem({ message, problems }: Error & { readonly problems: readonly unknown[] }): Problem {
  const lines = message.split('\n');
  const text =
    lines.length === 1 ? message : `The environment has ${lines.length} problems:\n  ${lines.join('\n  ')}\n`;
  return { code: 'CONFIG', message: text, exit: 2, details: { problems } };
}

function detailsOf(error: unknown, { detail }: KnownFault): ErrorDetails {
  const { path, problems } = error as Readonly<Record<string, unknown>>;
  return {
    ...(detail === null ? {} : { reason: detail }),
    ...(path === undefined ? {} : { path }),
    ...(problems === undefined ? {} : { problems }),
  };
}
