import { backUp } from '../../../compose/backup.ts';
import { configOf, type Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { untilStopped } from '../../signals.ts';

/** Makes a verified copy of the database, while a server may write it; ends with 1 if the ledger is not sound. */
export async function backup(cli: Cli, { out }: { readonly out: string }): Promise<ExitCode> {
  const { terminal } = cli;
  const made = await backUp(await configOf(cli), out, untilStopped());
  terminal.printJson(made);
  const { colors } = terminal;
  const { head, problems } = made.report;
  if (made.out === null) {
    terminal.print(
      `${colors.red('✗')} No backup was kept: the ledger is not sound (${problems.total} problems). Run tierkeeper verify.`,
    );
    return 1;
  }
  const beside = made.checkpoint === null ? '' : `, with the checkpoint ${made.checkpoint}`;
  terminal.print(`${colors.green('✓')} Backed up to ${out} at entry ${head.seq}, verified${beside}.`);
  return 0;
}
