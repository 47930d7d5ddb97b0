import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { answerError } from '../api/answer-error.ts';
import type { Api, ApiAnswer, ApiRequest } from '../api/api.ts';
import type { Cli } from '../cli.ts';
import { usageError, type ExitCode } from '../cli-error.ts';
import { withApi, type ApiOptions } from '../api/open-api.ts';
import { unlessStopped, untilStopped } from '../signals.ts';
import type { Terminal } from '../output/terminal.ts';

/** What to send beside the document. */
export interface GraphqlOptions extends ApiOptions {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operation?: string;
}

/** Runs any GraphQL document, from a file or stdin, and prints the answer as the API gives it. */
export async function graphql(
  cli: Cli,
  file: string | undefined,
  options: GraphqlOptions,
): Promise<ExitCode> {
  const { variables, operation: operationName } = options;
  const request: ApiRequest = { query: await documentOf(cli.terminal, file), variables, operationName };
  const { isSubscription } = await import('../api/local-api.ts');
  return withApi(cli, options, (api) =>
    isSubscription(request)
      ? printEvents(cli.terminal, api, request)
      : printAnswer(cli.terminal, api, request),
  );
}

async function documentOf({ streams: { stdin } }: Terminal, file = '-'): Promise<string> {
  if (file !== '-') return readDocument(file);
  if (stdin.isTTY === true)
    throw usageError(
      "Name a file with a GraphQL document, or pipe one: echo '{ viewer { id } }' | tierkeeper graphql",
    );
  return decoded(await buffer(stdin), 'The document on stdin');
}

async function readDocument(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw usageError(`The document ${file} can't be read (${code}). Check the path.`);
  }
  return decoded(bytes, `The document ${file}`);
}

async function decoded(bytes: Uint8Array, what: string): Promise<string> {
  const { readText } = await import('../../compose/system.ts');
  const read = readText(bytes);
  if ('problem' in read) throw usageError(`${what} ${read.problem}.`);
  return read.text;
}

async function printAnswer(terminal: Terminal, api: Api, request: ApiRequest): Promise<ExitCode> {
  const answer = await api.answer(request);
  terminal.streams.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  return exitOf(terminal, answer);
}

/** One line an event. */
async function printEvents(terminal: Terminal, api: Api, request: ApiRequest): Promise<ExitCode> {
  const signal = untilStopped();
  const printing = async (): Promise<ExitCode> => {
    for await (const answer of api.events(request, { signal })) {
      await terminal.printLine(answer);
      if (answer.data == null) return exitOf(terminal, answer);
    }
    return 0;
  };
  return (await unlessStopped(signal, printing())) ?? 0;
}

/** The answer itself is on stdout, errors and all; a person is told in a sentence too. */
function exitOf(terminal: Terminal, { errors = [] }: ApiAnswer): ExitCode {
  if (errors.length === 0) return 0;
  const { message, code, exit } = answerError(errors);
  if (!terminal.json) terminal.note(`${terminal.errorColors.red('error:')} ${message} (${code})`);
  return exit;
}
