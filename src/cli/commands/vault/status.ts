import type { ComparedAgent, VaultComparison } from '../../../app/vault/compare-vault.ts';
import { compare } from '../../../compose/vault.ts';
import { configOf, type Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';

const MOST_SHOWN = 50;
const MOST_NAMED = 10;

/** What lets an agent do more than it may, or for longer. */
const GIVES_MORE: readonly ComparedAgent['difference'][] = [
  'MISPLACED',
  'ABOVE',
  'OTHER_POLICIES',
  'NOT_DISABLED',
  'LONG_TOKENS',
];

/** Compares the ledger and Vault; ends with 1 if they differ. */
export async function showVaultStatus(cli: Cli): Promise<ExitCode> {
  const comparison = await compare(await configOf(cli));
  cli.terminal.printJson(comparison);
  cli.terminal.print(...lines(cli.terminal.colors, comparison));
  return comparison.differences.length === 0 ? 0 : 1;
}

function lines(colors: Terminal['colors'], comparison: VaultComparison): readonly string[] {
  return [...verdict(colors, comparison), ...notes(colors, comparison)];
}

function verdict(colors: Terminal['colors'], { agents, differences }: VaultComparison): readonly string[] {
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

function notes(colors: Terminal['colors'], { notEnrolled, unread }: VaultComparison): readonly string[] {
  const note = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [`${colors.yellow('!')} ${what} ${some(names)}`];
  return [
    ...note(notEnrolled, "Can't log in to Vault before tierkeeper vault enroll AGENT:"),
    ...note(unread, 'How long tokens live at T4 may not be read with this token:'),
  ];
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${named} and ${more.toLocaleString('en')} more; --json lists all` : named;
}

function count(differences: number): string {
  return `${differences.toLocaleString('en')} ${differences === 1 ? 'difference' : 'differences'}`;
}

function row(colors: Terminal['colors'], { agentId, difference, why, ledger, vault }: ComparedAgent): Cell[] {
  const isMore = GIVES_MORE.includes(difference);
  return [
    ` ${agentId}`,
    ledger === null ? '' : `${ledger.tier}${ledger.suspended ? ' suspended' : ''}`,
    vault === null ? '' : `${vault.tier ?? vault.policies.join(',')}${vault.disabled ? ' disabled' : ''}`,
    {
      text: why === undefined ? meaning(difference) : printable(why),
      paint: isMore ? colors.red : colors.yellow,
    },
  ];
}

function meaning(difference: ComparedAgent['difference']): string {
  switch (difference) {
    case 'MISPLACED':
      return 'its role does not lead to its own entity alone';
    case 'ABOVE':
      return 'Vault gives it more than it may have';
    case 'BELOW':
      return 'Vault gives it less than it may have';
    case 'OTHER_POLICIES':
      return 'its policies are not those of one tier';
    case 'NOT_DISABLED':
      return 'it is suspended, and Vault lets it in';
    case 'LONG_TOKENS':
      return 'its tokens may live longer than 15 minutes';
    case 'DISABLED':
      return 'Vault does not let it in';
    case 'NOT_IN_VAULT':
      return 'it has no entity yet';
    case 'NOT_IN_LEDGER':
      return 'the ledger has no such agent';
  }
}
