import { writeFileSync } from 'node:fs';
import { signCheckpoint } from '../../../compose/proof.ts';
import { configOf, type Cli } from '../../cli.ts';
import { CliError, type ExitCode } from '../../cli-error.ts';

/** Signs where the ledger stands: into a new file, or on stdout. */
export async function checkpoint(cli: Cli, { out }: { readonly out?: string }): Promise<ExitCode> {
  const { terminal } = cli;
  const signed = await signCheckpoint(await configOf(cli));
  if (out === undefined) {
    await terminal.printLine(signed);
    return 0;
  }
  write(out, `${JSON.stringify(signed)}\n`);
  terminal.printJson({ ...signed, out });
  terminal.print(`${terminal.colors.green('✓')} Signed entry ${signed.seq} into ${out}. Keep it elsewhere.`);
  return 0;
}

/** An earlier checkpoint may be the only proof against what the ledger has become: none is overwritten. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const message =
      code === 'EEXIST'
        ? `${file} exists. A checkpoint replaces no other: name a new file.`
        : `${file} can't be written (${code}).`;
    throw new CliError(message, { code: 'OUTPUT', exit: 2, cause });
  }
}
