import { configOf, type Cli } from '../cli.ts';
import type { ExitCode } from '../cli-error.ts';

/** Checks a policy file, and names what no agent of the ledger has ever met: then it ends with 1. */
export async function policyCheck(cli: Cli, path: string): Promise<ExitCode> {
  const { checkPolicyFile } = await import('../../compose/policy.ts');
  const config = await configOf(cli);
  const { policy, ledger } = await checkPolicyFile(config, path);
  const { terminal } = cli;
  const neverMet = ledger?.neverMet ?? [];
  terminal.printJson({ valid: true, policy, ledger });
  const { green, red, dim } = terminal.colors;
  terminal.print(`${green('✔')} ${path} is a valid policy: ${policy.name} ${dim(policy.digest)}`);
  if (ledger === null)
    terminal.print(`There is no database at ${config.databaseUrl}, so it is held against no past.`);
  else if (ledger.agents === 0)
    terminal.print(`The ledger ${ledger.file} has no agents yet, so it is held against no past.`);
  else if (neverMet.length === 0)
    terminal.print(
      `Each requirement may have been met by some of the ${ledger.agents} agents of ${ledger.file}.`,
    );
  else
    terminal.print(
      `None of the ${ledger.agents} agents of ${ledger.file} has ever met:`,
      ...neverMet.map(
        ({ from, requirement, nearMiss }) =>
          `  ${red('✘')} ${from} ${requirement.replace(/^ACTION_TYPE:/, '')}: ${nearMiss}`,
      ),
    );
  return neverMet.length === 0 ? 0 : 1;
}
