import { acceptClockOf, clockDoubt, ClockReasonError } from '../../compose/clock.ts';
import { configOf, type Cli } from '../cli.ts';
import { usageError, type ExitCode } from '../cli-error.ts';
import { operator } from '../os-user.ts';

/** Shows whether the wall clock is believed: exit code 0 if it is, 1 if it is doubtful. */
export async function clockStatus(cli: Cli): Promise<ExitCode> {
  const { terminal } = cli;
  const doubt = await clockDoubt(await configOf(cli), { operator: operator() });
  terminal.printJson({ believed: doubt === null, doubt });
  terminal.print(
    doubt === null
      ? `${terminal.colors.green('✓')} The wall clock agrees with its witness.`
      : `${terminal.colors.red('✗')} ${doubt.sentence} ${doubt.remedy}`,
  );
  return doubt === null ? 0 : 1;
}

/** Believes the wall clock although its witness contradicts it; the ledger says who did so, and why. */
export async function clockAccept(cli: Cli, { reason }: { readonly reason: string }): Promise<ExitCode> {
  const { terminal } = cli;
  const { doubt, seq, left } = await accepted(cli, reason);
  terminal.printJson({ accepted: seq !== null, seq, doubt, left });
  if (doubt === null) terminal.print('The wall clock agrees with its witness. There is nothing to accept.');
  else if (seq === null) terminal.print(`${doubt.sentence} ${doubt.remedy}`);
  else {
    terminal.print(
      `${terminal.colors.green('✓')} Accepted the wall clock (entry ${String(seq)}). ${doubt.sentence}`,
    );
    if (left !== null) terminal.print(left.remedy);
  }
  return 0;
}

async function accepted(cli: Cli, reason: string) {
  try {
    return await acceptClockOf(await configOf(cli), { operator: operator() }, reason);
  } catch (error) {
    if (error instanceof ClockReasonError) throw usageError(`--reason: ${error.message}.`);
    throw error;
  }
}
