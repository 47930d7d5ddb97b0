import { RequirementsDocument, type RequirementsQuery, type Tier } from '../../../generated/graphql/cli.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { needsText } from '../../output/show-evaluation.ts';
import type { Terminal } from '../../output/terminal.ts';

type Step = RequirementsQuery['promotionRequirements'][number];

/** Lists what the policy in force asks for each step up, or for the one that leaves a tier. */
export async function requirements(
  { terminal, ...cli }: Cli,
  { tier, ...options }: ApiOptions & { readonly tier?: Tier },
): Promise<ExitCode> {
  return withApi({ terminal, ...cli }, options, async (api) => {
    const { policy, promotionRequirements: steps } = await ask(api, RequirementsDocument, {
      tier: tier ?? null,
    });
    terminal.printJson({ policy, steps });
    const { colors } = terminal;
    if (policy !== null) terminal.print(colors.dim(`policy ${policy.name} ${policy.digest.slice(0, 12)}`));
    for (const step of steps) terminal.print('', ...linesOf(colors, step));
    if (steps.length === 0)
      terminal.print('', `No step leaves ${tier ?? 'any tier'}: it is the highest one.`);
    return 0;
  });
}

function linesOf(colors: Terminal['colors'], step: Step): readonly string[] {
  const review = step.manualReview ? colors.yellow('  people must review it') : '';
  return [
    `${colors.bold(`${step.fromTier} → ${step.toTier}`)}  ${step.description}${review}`,
    ...step.requirements.map(({ message }) => `  · ${message}`),
    `  ${colors.dim('approval by')} ${needsText(step.needs)}`,
    ...step.guidance.map((text) => `  ${colors.dim('look for')}    ${text}`),
  ];
}
