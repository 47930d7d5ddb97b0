import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { Variables } from './given-cli.ts';

/** Runs a command in the process of the test, as on a terminal, with what a person types. */
export async function inThisProcess(args: readonly string[], environment: Variables, typed = '') {
  const streams = { stdin: terminal(), stdout: terminal(), stderr: terminal() };
  const stdout: string[] = [];
  const shown: string[] = [];
  streams.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk.toString()));
  for (const stream of [streams.stdout, streams.stderr])
    stream.on('data', (chunk: Buffer) => void shown.push(chunk.toString()));
  streams.stdin.end(typed);
  const code = await run({ args, environment, streams, version: '0' });
  return { code, stdout: stdout.join(''), shown: shown.join('') };
}

function terminal() {
  return Object.assign(new PassThrough(), { isTTY: true });
}
