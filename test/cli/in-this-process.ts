import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Answered, Variables } from './given-cli.ts';

/** Runs a command in the process of the test, as on a terminal, with what a person types. */
export async function inThisProcess(args: readonly string[], environment: Variables, typed = '') {
  return running(args, environment, { input: typed, isTTY: true });
}

/** The same as a program runs it: nobody is at the other end. For commands that end by themselves; it starts no process. */
export async function piped(args: readonly string[], environment: Variables, input = ''): Promise<Answered> {
  const { code, stdout, stderr } = await running(args, environment, { input, isTTY: false });
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as unknown };
}

async function running(
  args: readonly string[],
  environment: Variables,
  { input, isTTY }: { readonly input: string; readonly isTTY: boolean },
) {
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  const streams = { stdin: stream(), stdout: stream(), stderr: stream() };
  const [stdout, stderr, shown]: [string[], string[], string[]] = [[], [], []];
  streams.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk.toString()));
  streams.stderr.on('data', (chunk: Buffer) => void stderr.push(chunk.toString()));
  for (const each of [streams.stdout, streams.stderr])
    each.on('data', (chunk: Buffer) => void shown.push(chunk.toString()));
  streams.stdin.end(input);
  const code = await run({ args, environment, streams, version: '0' });
  return { code, stdout: stdout.join(''), stderr: stderr.join(''), shown: shown.join('') };
}
