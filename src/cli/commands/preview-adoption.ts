import { configOf, type Cli } from '../cli.ts';
import type { ExitCode } from '../cli-error.ts';

/** People are shown so many agents; `--json` names all. */
const MOST_SHOWN = 50;

/** Shows what `serve --adopt-policy` would change, and changes nothing. */
export async function previewAdoption(cli: Cli): Promise<ExitCode> {
  const { previewConfigured } = await import('../../compose/policy.ts');
  const preview = await previewConfigured(await configOf(cli));
  const { configured, inForce, agents, lapses, gains, votesLost } = preview;
  const { terminal } = cli;
  terminal.printJson({ dryRun: true, ...preview });
  const named = ({ name, digest }: typeof configured) => `${name} (${digest.slice(0, 12)})`;
  if (inForce === null || inForce.digest === configured.digest) {
    const why = inForce === null ? 'No policy is in force yet' : `${named(configured)} is in force already`;
    terminal.print(`${why}: nothing would change.`);
    return 0;
  }
  terminal.print(
    `Instead of ${named(inForce)}, ${named(configured)} would be in force for ${count(agents, 'agent')}:`,
    `  ${count(lapses.length, 'candidacy', 'candidacies')} would lapse, and ${count(votesLost, 'vote')} with them`,
    ...shown(
      lapses.map(
        ({ agentId, tier, votes, opensAnew }) =>
          `    ${agentId} at ${tier}, ${count(votes, 'vote')}${opensAnew ? '; meets the new step too, and begins anew' : ''}`,
      ),
    ),
    `  ${count(gains.length, 'agent')} would become eligible`,
    ...shown(gains.map(({ agentId, tier, status }) => `    ${agentId} at ${tier}, ${status}`)),
    'Nothing was changed.',
  );
  return 0;
}

function shown(lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST_SHOWN;
  return more > 0 ? [...lines.slice(0, MOST_SHOWN), `    and ${more} more, see --json`] : lines;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
