import type { ComparedAgent, VaultComparison } from '../../app/vault/compare-vault.ts';
import { compare } from '../../compose-vault.ts';
import { configOf, type Cli } from '../cli.ts';
import type { ExitCode } from '../cli-error.ts';
import { table, type Cell } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const MOST_SHOWN = 50;

/** Compares the ledger and Vault; ends with 1 if they differ. */
export async function showVaultStatus(cli: Cli): Promise<ExitCode> {
  const comparison = await compare(await configOf(cli));
  cli.terminal.printJson(comparison);
  cli.terminal.print(...lines(cli.terminal.colors, comparison));
  return comparison.differences.length === 0 ? 0 : 1;
}

function lines(colors: Terminal['colors'], { agents, differences }: VaultComparison): readonly string[] {
  const all = `${agents.toLocaleString('en')} ${agents === 1 ? 'agent' : 'agents'}`;
  if (differences.length === 0) return [`${colors.green('✓')} Vault is what the ledger says: ${all}.`];
  const head = [' agent', 'ledger', 'Vault', ''].map((text): Cell => ({ text, paint: colors.dim }));
  const rows = differences.slice(0, MOST_SHOWN).map((each) => row(colors, each));
  const more = differences.length - rows.length;
  return [
    `${colors.red('✗')} Vault is not what the ledger says: ${count(differences.length)} with ${all}.`,
    ...table([head, ...rows]),
    ...(more > 0 ? [colors.dim(`  … and ${more.toLocaleString('en')} more; --json lists all`)] : []),
  ];
}

function count(differences: number): string {
  return `${differences.toLocaleString('en')} ${differences === 1 ? 'difference' : 'differences'}`;
}

function row(colors: Terminal['colors'], { agentId, difference, ledger, vault }: ComparedAgent): Cell[] {
  const isMore = difference === 'ABOVE' || difference === 'OTHER_POLICIES' || difference === 'NOT_DISABLED';
  return [
    ` ${agentId}`,
    ledger === null ? '' : `${ledger.tier}${ledger.suspended ? ' suspended' : ''}`,
    vault === null ? '' : `${vault.tier ?? vault.policies.join(',')}${vault.disabled ? ' disabled' : ''}`,
    { text: meaning(difference), paint: isMore ? colors.red : colors.yellow },
  ];
}

function meaning(difference: ComparedAgent['difference']): string {
  switch (difference) {
    case 'ABOVE':
      return 'Vault gives it more than it may have';
    case 'BELOW':
      return 'Vault gives it less than it may have';
    case 'OTHER_POLICIES':
      return 'its policies are not those of one tier';
    case 'NOT_DISABLED':
      return 'it is suspended, and Vault lets it in';
    case 'DISABLED':
      return 'Vault does not let it in';
    case 'NOT_IN_VAULT':
      return 'it has no entity yet';
    case 'NOT_IN_LEDGER':
      return 'the ledger has no such agent';
  }
}
