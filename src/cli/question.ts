import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * What a person answers to a question.
 * @throws CliError if the input ends without an answer, or Ctrl-C is pressed
 */
export async function question({ streams: { stdin, stdout } }: Terminal, text: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stdout });
  const ended = new Promise<never>((_resolve, reject) => {
    const end = () => reject(new CliError('Nothing was approved.', { code: 'DECLINED', exit: 1 }));
    lines.once('close', end).once('SIGINT', end);
  });
  try {
    return await Promise.race([lines.question(text), ended]);
  } finally {
    lines.close();
  }
}
