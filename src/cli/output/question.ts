import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.ts';
import type { Terminal } from './terminal.ts';

/** Asks a person one question, and gives the answer. */
export type Ask = (question: string) => Promise<string>;

/**
 * Lets questions be put to the person at a terminal. What is typed ahead answers the next one.
 * @throws CliError if the input ends before an answer, or Ctrl-C is pressed
 */
export async function asking<T>(
  { streams }: Terminal,
  work: (ask: Ask) => Promise<T>,
  declined = 'Nothing was approved.',
): Promise<T> {
  const lines = createInterface({ input: streams.stdin, output: streams.stdout });
  const answers = lines[Symbol.asyncIterator]();
  try {
    return await work(async (question) => {
      lines.setPrompt(question);
      lines.prompt();
      const answer = await answers.next();
      if (answer.done !== true) return answer.value;
      throw new CliError(declined, { code: 'DECLINED', exit: 1 });
    });
  } finally {
    lines.close();
  }
}
