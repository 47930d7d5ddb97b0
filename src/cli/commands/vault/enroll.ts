import type { EnrolledAgent } from '../../../app/vault/enroll-agent.ts';
import { enroll } from '../../../compose/vault.ts';
import { configOf, type Cli } from '../../cli.ts';
import { CliError, type ExitCode } from '../../cli-error.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';

/** Lets an agent log in to Vault at the tier that its ledger says. */
export async function enrollInVault(
  cli: Cli,
  agentId: string,
  { wrapTtl }: { readonly wrapTtl: number },
): Promise<ExitCode> {
  const outcome = await enroll(await configOf(cli), agentId, wrapTtl);
  if (!outcome.enrolled) {
    const { message, code } = outcome;
    throw new CliError(message, { code, exit: code === 'VALIDATION' ? 2 : 1 });
  }
  cli.terminal.printJson(outcome);
  cli.terminal.print(...lines(cli.terminal.colors, outcome));
  return 0;
}

function lines(
  colors: Terminal['colors'],
  { agentId, tier, roleId, wrappingToken, wrapSeconds }: EnrolledAgent,
): readonly string[] {
  const label = (text: string): Cell => ({ text: `  ${text}`, paint: colors.dim });
  return [
    `${colors.green('✓')} ${agentId} can log in to Vault, at ${tier}.`,
    ...table([
      [label('Role id'), roleId],
      [label('Wrapped secret id'), wrappingToken],
    ]),
    `The agent unwraps it within ${wrapSeconds} seconds, and only once: if that fails, somebody else has it.`,
  ];
}
