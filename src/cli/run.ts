// cli/ holds THE COMMANDS of `tierkeeper`. commands/ has one file each: it asks the API by a typed document of documents/,
// in this process or over the wire, and prints what came back, for people or as JSON. A command decides nothing: it knows
// no rule and no table, and whoever runs it is an ordinary principal.
import { CommanderError, type Command } from 'commander';
import { trimEnvironment } from '../config/environment.ts';
import type { Environment } from './cli.ts';
import type { ExitCode } from './cli-error.ts';
import { createProgram } from './program.ts';
import { problemOf, type Problem } from './problem.ts';
import { Terminal, type Streams } from './output/terminal.ts';

/** How the command was called. */
export interface Invocation {
  /** What was typed after `tierkeeper`. */
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly streams: Streams;
  readonly version: string;
}

/** Runs one command to its end and gives its exit code. It never throws, and prints no stack unless LOG_LEVEL is debug. */
export async function run({ args, streams, version, ...given }: Invocation): Promise<ExitCode> {
  const environment = trimEnvironment(given.environment);
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const isSet = (name: string) => (environment[name] ?? '') !== '';
  const terminal = new Terminal(streams, { json: options.includes('--json'), noColor: isSet('NO_COLOR') });
  endWithReader(streams);
  let exit: ExitCode = 0;
  const onExit = (code: ExitCode) => {
    exit = code;
  };
  const program = createProgram({ terminal, environment }, { version, onExit });
  try {
    await quiet(program).parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const problem = await problemOf(error);
    report(terminal, problem);
    if (/^(debug|trace)$/.test(environment.LOG_LEVEL ?? '')) terminal.note(stackOf(error));
    return problem.exit;
  }
}

/** commander throws instead of ending the process, and what it has to say of mistakes is in what it throws. */
function quiet(program: Command): Command {
  program.exitOverride().configureOutput({ writeErr: () => undefined });
  for (const command of program.commands) quiet(command);
  return program;
}

/** A reader that has seen enough, such as `head`, ends the command and is no error. */
function endWithReader({ stdout, stderr }: Streams): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  stderr.on('error', () => undefined);
}

function report(terminal: Terminal, { code, message, details, hint }: Problem): void {
  terminal.printJson({ error: { code, message, ...details } });
  if (terminal.json) return;
  const { red, dim } = terminal.errorColors;
  terminal.note(`${red('error:')} ${message}${code === 'USAGE' ? '' : dim(` (${code})`)}`);
  if (hint !== undefined) terminal.note(dim(hint));
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
