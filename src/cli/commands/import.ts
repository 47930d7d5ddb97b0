import type { ImportReport, ImportTally } from '../../app/import-ledger/import-report.ts';
import { configOf, type Cli } from '../cli.ts';
import type { ExitCode } from '../cli-error.ts';
import { importFile } from '../../compose/import.ts';
import { operator } from '../os-user.ts';
import { progressLine } from '../output/progress-line.ts';
import { table, type Cell } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

/** Of a kind. */
const MOST_SHOWN = 5;

/**
 * Imports an original ledger into the database, or says what that would do. Ends with 2 if the file has no agent that is
 * or could be here; importing it again, when all are here already, ends with 0.
 */
export async function importLedgerFile(
  cli: Cli,
  file: string,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const config = await configOf(cli);
  const { openEngine, openEngineAside } = await import('../../compose/engine.ts');
  const options = { operator: operator(), absent: dryRun ? 'refuse' : 'create' } as const;
  const progress = progressLine(cli.terminal);
  try {
    const report = await importFile(() => (dryRun ? openEngineAside : openEngine)(config, options), {
      file,
      dryRun,
      actor: operator(),
      onProgress: ({ phase, ...far }) => {
        progress.show(phase === 'CHECKING' ? 'Checking' : 'Importing', far, 'rows');
      },
    });
    progress.clear();
    cli.terminal.printJson(report);
    cli.terminal.print(...reportLines(cli.terminal.colors, file, report));
    return isFruitless(report.agents) ? 2 : 0;
  } finally {
    progress.clear();
  }
}

function reportLines(colors: Terminal['colors'], file: string, report: ImportReport): readonly string[] {
  const { dryRun, agents, actions, violations, promotions } = report;
  const rows = Object.entries({ agents, actions, violations, promotions }).map(([name, tally]) =>
    tallyRow(colors, name, tally),
  );
  const head = ['', dryRun ? 'would import' : 'imported', 'here already', 'refused'];
  return [
    colors.bold(dryRun && !isFruitless(agents) ? `Importing ${file} would do this:` : summary(file, agents)),
    ...table([head.map((text): Cell => ({ text, paint: colors.dim })), ...rows]),
    ...problemLines(colors, report.problems),
  ];
}

function summary(file: string, { imported, skipped, refused }: ImportTally): string {
  const agents = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'agent' : 'agents'}`;
  if (isFruitless({ imported, skipped, refused })) return nothing(file, refused);
  if (imported > 0) return `Imported ${agents(imported)} from ${file}.`;
  const what = refused === 0 ? 'its agents are' : `${agents(skipped)} of it ${skipped === 1 ? 'is' : 'are'}`;
  return `Nothing new in ${file}: ${what} here already.`;
}

function isFruitless({ imported, skipped }: ImportTally): boolean {
  return imported === 0 && skipped === 0;
}

function nothing(file: string, refused: number): string {
  return refused === 0
    ? `Nothing could be imported from ${file}: its table agent_metrics has no rows. Check that it is the right file.`
    : `Nothing could be imported from ${file}: every agent was refused. The reasons are listed below.`;
}

function tallyRow(
  colors: Terminal['colors'],
  name: string,
  { imported, skipped, refused }: ImportTally,
): Cell[] {
  const count = (value: number) => value.toLocaleString('en');
  return [
    `  ${name}`,
    count(imported),
    count(skipped),
    { text: count(refused), paint: refused > 0 ? colors.yellow : colors.dim },
  ];
}

/** What is unclear, a few lines of each kind; agents that are here already are in the table. */
function problemLines(
  colors: Terminal['colors'],
  { byKind, listed }: ImportReport['problems'],
): readonly string[] {
  const { AGENT_EXISTS: _, ...unclear } = byKind;
  const total = Object.values(unclear).reduce((sum, count) => sum + count, 0);
  if (total === 0) return [];
  const kinds = Object.entries(unclear).map(([kind, count]) => `${kind} ${count.toLocaleString('en')}`);
  const rows = Object.keys(unclear)
    .flatMap((kind) => listed.filter((problem) => problem.kind === kind).slice(0, MOST_SHOWN))
    .map(({ table: name, rowid, agentId, message }): Cell[] => [
      { text: `  ${name ?? 'file'}${rowid === null ? '' : ` row ${rowid}`}`, paint: colors.dim },
      agentId ?? '',
      message,
    ]);
  const more = total - rows.length;
  return [
    '',
    `${colors.yellow(`${total.toLocaleString('en')} unclear:`)} ${kinds.join(', ')}`,
    ...table(rows),
    ...(more > 0
      ? [colors.dim(`  … and ${more.toLocaleString('en')} more; --json lists the first 1,000 of each kind`)]
      : []),
  ];
}
