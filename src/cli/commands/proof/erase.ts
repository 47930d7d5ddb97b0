import type { Erasure, Erased } from '../../../app/commands/erase.ts';
import { eraseFrom } from '../../../compose/proof.ts';
import { configOf, type Cli } from '../../cli.ts';
import { CliError, usageError, type ExitCode } from '../../cli-error.ts';
import { operator } from '../../os-user.ts';
import { printable } from '../../output/printable.ts';
import { asking } from '../../output/question.ts';
import type { Terminal } from '../../output/terminal.ts';

/** What to erase: exactly one of three. */
export interface EraseOptions {
  readonly person?: string;
  readonly text?: string;
  readonly entry?: number;
  readonly yes?: true;
}

/** Erases a person or a text for good, once a person at the terminal or `--yes` has confirmed it. */
export async function erase(cli: Cli, options: EraseOptions): Promise<ExitCode> {
  const { terminal } = cli;
  const erasure = erasureOf(options);
  const config = await configOf(cli);
  if (options.yes !== true) await confirm(terminal, erasure);
  const erased = await eraseFrom(config, operator(), erasure);
  terminal.printJson(erased);
  terminal.print(`${terminal.colors.green('✓')} ${outcome(erased)}`);
  return 0;
}

function erasureOf({ person, text, entry }: EraseOptions): Erasure {
  const wishes: Erasure[] = [
    ...(person === undefined ? [] : [{ what: 'PERSON' as const, id: person }]),
    ...(text === undefined ? [] : [{ what: 'TEXT' as const, id: text }]),
    ...(entry === undefined ? [] : [{ what: 'ENTRY' as const, seq: entry }]),
  ];
  const [wish, second] = wishes;
  if (wish !== undefined && second === undefined) return wish;
  throw usageError('Name what to erase: one of --person ID, --text ID and --entry SEQ.');
}

async function confirm(terminal: Terminal, erasure: Erasure): Promise<void> {
  if (!terminal.interactive)
    throw usageError('Erasing is for good. Nobody is here to confirm it: say --yes.');
  terminal.print(...warning(erasure));
  const answer = await asking(terminal, (ask) => ask('Erase for good? [y/N] '), 'Nothing was erased.');
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new CliError('Nothing was erased.', { code: 'DECLINED', exit: 1 });
}

function warning(erasure: Erasure): readonly string[] {
  switch (erasure.what) {
    case 'PERSON':
      return [
        `This blanks ${printable(erasure.id)} wherever the ledger shows them. Who comes back under that id is a stranger:`,
        'votes for open candidacies no longer count, and nothing bars the stranger from approving. Remove the token first.',
        'Texts that the person wrote, and backups, are not touched.',
      ];
    case 'TEXT':
      return [`This blanks the text ${printable(erasure.id)}. Backups are not touched.`];
    case 'ENTRY':
      return [`This blanks the text of entry ${erasure.seq}. Backups are not touched.`];
  }
}

function outcome({ erased, id, seq }: Erased): string {
  if (seq === null) return `The text ${id} had been erased before.`;
  return erased === 'PERSON'
    ? `Erased the person, who is shown as ${id} from now on (entry ${seq}).`
    : `Erased the text ${id} (entry ${seq}).`;
}
