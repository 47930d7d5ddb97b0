import type { VaultChange, VaultSetUp } from '../../../app/vault/set-up-vault.ts';
import { setUp } from '../../../compose/vault.ts';
import { configOf, type Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';
import { policiesFrom, type VaultPoliciesOptions } from './policies.ts';

/** Sets Vault up, or shows what that would change. */
export async function setUpVault(
  cli: Cli,
  { dryRun = false, ...options }: VaultPoliciesOptions & { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const done = await setUp(await configOf(cli, policiesFrom(options)), { dryRun });
  cli.terminal.printJson(done);
  cli.terminal.print(...lines(cli.terminal.colors, done));
  return 0;
}

const WORDS = { CREATE: 'create', UPDATE: 'change', NONE: 'as it should be' } as const;

function lines(colors: Terminal['colors'], { dryRun, changes }: VaultSetUp): readonly string[] {
  const changing = changes.filter(({ change }) => change !== 'NONE');
  if (changing.length === 0) return [`${colors.green('✓')} Vault is set up already: nothing to change.`];
  const title = dryRun
    ? colors.bold(`Setting Vault up would make ${count(changing.length)}:`)
    : `${colors.green('✓')} Set Vault up: ${count(changing.length)}.`;
  const rows = changes.map(({ what, name, change }): Cell[] => [
    `  ${what.toLowerCase()}`,
    name,
    { text: WORDS[change], paint: change === 'NONE' ? colors.dim : colors.yellow },
  ]);
  return [title, ...table(rows), ...(dryRun ? changing.flatMap((each) => difference(colors, each)) : [])];
}

function count(changes: number): string {
  return `${changes} ${changes === 1 ? 'change' : 'changes'}`;
}

/** The paths that only one side has so, each whole: a line such as its capabilities may stand under another path, too. */
function difference(colors: Terminal['colors'], { name, before, after }: VaultChange): readonly string[] {
  const [old, now] = [blocksOf(before ?? ''), blocksOf(after)];
  const lines = (some: ReadonlySet<string>, others: ReadonlySet<string>) =>
    [...some].filter((block) => !others.has(block)).flatMap((block) => block.split('\n'));
  return [
    '',
    colors.bold(name),
    ...lines(old, now).map((line) => colors.red(`- ${shown(line)}`)),
    ...lines(now, old).map((line) => colors.green(`+ ${shown(line)}`)),
  ];
}

function blocksOf(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split(/\n\s*\n/)
      .map((block) => block.trimEnd())
      .filter((block) => block !== ''),
  );
}

/** Somebody else may have written it; its indentation stays. */
function shown(line: string): string {
  return `${/^ */.exec(line)?.[0] ?? ''}${printable(line).trim()}`;
}
