import { exportEntries } from '../../../compose/proof.ts';
import { configOf, type Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';

/** Prints every entry after a cursor as a line of JSON. */
export async function exportLedgerFile(cli: Cli, { after }: { readonly after?: string }): Promise<ExitCode> {
  const entries = exportEntries(await configOf(cli), after ?? null);
  for await (const entry of entries) await cli.terminal.printLine(entry);
  return 0;
}
