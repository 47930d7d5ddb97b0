import { once } from 'node:events';

/** For a process that `startTogether` started: says that it is ready, and waits to be let go. */
export async function barrier(): Promise<void> {
  process.stdout.write('ready\n');
  process.stdin.resume();
  await once(process.stdin, 'end');
}
