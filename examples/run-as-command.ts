import type { Access } from './access.ts';

/** What an example does, as whom, and until when. */
export type Example = (access: Access, signal: AbortSignal) => Promise<void>;

/** Runs an example if Node was started with its file; does nothing where it is imported, as in a browser. */
export async function runAsCommand(filename: string | undefined, example: Example): Promise<void> {
  if (filename === undefined || filename !== process.argv[1]) return;
  // A bundler for browsers follows no import whose name is computed, and so leaves out what only Node has.
  const name = './command.ts';
  const { runCommand } = (await import(/* @vite-ignore */ name)) as {
    readonly runCommand: (example: Example) => Promise<void>;
  };
  await runCommand(example);
}
