import type { VerifyReport } from '../../../app/proof/verify-ledger.ts';
import { verify } from '../../../compose/proof.ts';
import { configOf, type Cli } from '../../cli.ts';
import { usageError, type ExitCode } from '../../cli-error.ts';
import { progressLine } from '../../output/progress-line.ts';
import { table, type Cell } from '../../output/table.ts';
import type { Terminal } from '../../output/terminal.ts';

/** What to verify against. */
export interface VerifyCommandOptions {
  readonly checkpoint?: string;
  readonly publicKey?: string;
}

const MOST_SHOWN = 20;

/** Verifies the ledger as it is; ends with 1 if anything is wrong. */
export async function verifyLedgerFile(cli: Cli, options: VerifyCommandOptions): Promise<ExitCode> {
  const { terminal } = cli;
  const against = bothOf(options);
  const config = await configOf(cli);
  const progress = progressLine(terminal);
  try {
    const report = await verify(config, {
      against,
      onProgress: (far) => {
        progress.show('Verifying', far, 'entries');
      },
    });
    progress.clear();
    terminal.printJson(report);
    terminal.print(...reportLines(terminal.colors, report));
    return report.sound ? 0 : 1;
  } finally {
    progress.clear();
  }
}

function bothOf({ checkpoint, publicKey }: VerifyCommandOptions) {
  if (checkpoint === undefined && publicKey === undefined) return null;
  if (checkpoint !== undefined && publicKey !== undefined) return { checkpoint, publicKey };
  throw usageError(
    'A checkpoint is worth what its signature is: give both --checkpoint FILE and --public-key FILE.',
  );
}

function reportLines(colors: Terminal['colors'], report: VerifyReport): readonly string[] {
  const { problems, sound, entries } = report;
  const what = count(entries, 'entry', 'entries');
  const verdict = sound
    ? `${colors.green('✓')} The ledger is sound: ${what}, each of them verified.`
    : `${colors.red('✗')} The ledger is not sound: ${count(problems.total, 'problem', 'problems')} in ${what}.`;
  return [verdict, ...problemLines(colors, problems), ...table(factRows(colors, report))];
}

function factRows(colors: Terminal['colors'], report: VerifyReport): Cell[][] {
  const { head, policy, checkpoint, erased } = report;
  const facts = `${count(report.runs, 'run', 'runs')}, ${count(report.actions, 'action', 'actions')}, ${count(report.violations, 'violation', 'violations')}`;
  const label = (text: string): Cell => ({ text: `  ${text}`, paint: colors.dim });
  return [
    [label('Head'), `entry ${head.seq}, ${head.hash}`],
    [label('Policy'), policy ?? 'none'],
    [label('Agents'), `${report.agents.toLocaleString('en')}, with ${facts}`],
    [label('Decisions'), `${report.verdicts.toLocaleString('en')} proved again from their facts`],
    [
      label('Erased'),
      `${count(erased.texts, 'text', 'texts')} of ${report.texts.toLocaleString('en')}, ${count(erased.people, 'person', 'people')}`,
    ],
    ...(checkpoint === null
      ? []
      : [
          [
            label('Checkpoint'),
            `entry ${checkpoint.seq}, signed at ${new Date(checkpoint.at).toISOString()}`,
          ],
        ]),
  ];
}

function problemLines(
  colors: Terminal['colors'],
  { total, listed }: VerifyReport['problems'],
): readonly string[] {
  const shown = listed
    .slice(0, MOST_SHOWN)
    .map(({ seq, kind, agentId, message }): Cell[] => [
      `  ${seq === null ? '' : `entry ${seq}`}`,
      { text: kind, paint: colors.yellow },
      agentId ?? '',
      message,
    ]);
  const more = total - shown.length;
  return [
    ...table(shown),
    ...(more > 0
      ? [colors.dim(`  … and ${more.toLocaleString('en')} more; --json lists the first 100`)]
      : []),
  ];
}

function count(value: number, one: string, many: string): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}
