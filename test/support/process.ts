import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the tests that has started, and how it will end; it is killed when the test ends. */
export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a program; a TypeScript file is run by Node, without a build. */
export function start(command: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const [program = '', ...args] = command;
  const process = spawn(program, args, { cwd: ROOT, env: { ...globalThis.process.env, ...env } });
  onTestFinished(() => {
    process.kill('SIGKILL');
  });
  const ended = Promise.all([once(process, 'close'), text(process.stdout), text(process.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { process, ended };
}

/** The command that runs a TypeScript file of the tests. */
export function typescript(file: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, '--import', 'tsx', join(ROOT, file), ...args];
}

/** Runs the same file several times, all let go at the same moment: each says `ready` and waits for its input to end. */
export async function startTogether(count: number, command: readonly string[]): Promise<readonly Ended[]> {
  const started = Array.from({ length: count }, () => start(command));
  await Promise.all(started.map(({ process }) => once(process.stdout ?? process, 'data')));
  for (const { process } of started) process.stdin?.end();
  return Promise.all(started.map(({ ended }) => ended));
}
