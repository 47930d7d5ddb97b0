import { vaultPolicies } from '../../../compose/vault.ts';
import { configOf, type Cli } from '../../cli.ts';
import { usageError, type ExitCode } from '../../cli-error.ts';

/** Where a team's own tier policies lie. */
export interface VaultPoliciesOptions {
  readonly policies?: string;
}

/** The variable that an option stands in for. */
export function policiesFrom({ policies }: VaultPoliciesOptions) {
  return policies === undefined ? {} : { TIERKEEPER_VAULT_POLICIES: policies };
}

/** Prints the policies for Vault, or one of them, in HCL. */
export async function printVaultPolicies(
  cli: Cli,
  name: string | undefined,
  options: VaultPoliciesOptions,
): Promise<ExitCode> {
  const policies = vaultPolicies(await configOf(cli, policiesFrom(options)));
  const wanted = name === undefined ? [...policies] : [[name, textOf(policies, name)] as const];
  cli.terminal.printJson({ policies: Object.fromEntries(wanted) });
  const titled = wanted.map(([each, text]) => (name === undefined ? `# ${each}\n${text}` : text));
  cli.terminal.print(titled.join('\n').trimEnd());
  return 0;
}

function textOf(policies: ReadonlyMap<string, string>, name: string): string {
  const text = policies.get(name);
  if (text !== undefined) return text;
  throw usageError(`There is no policy ${name}; there are ${[...policies.keys()].join(', ')}.`);
}
