import { DenyDocument } from '../../../generated/graphql/cli.ts';
import { newId } from '../../../compose/system.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { typedRefusal } from '../../api/typed-refusal.ts';

/** Why to deny. */
export interface DenyOptions extends ApiOptions {
  readonly rationale: string;
  readonly idempotencyKey?: string;
}

/** Denies the open candidacy of an agent. */
export async function deny(
  { terminal, ...cli }: Cli,
  agentId: string,
  options: DenyOptions,
): Promise<ExitCode> {
  const { rationale, idempotencyKey = newId() } = options;
  return withApi({ terminal, ...cli }, options, async (api) => {
    const input = { agentId, rationale, idempotencyKey };
    const outcome = (await ask(api, DenyDocument, { input })).denyPromotion;
    if ('code' in outcome) throw typedRefusal(outcome);
    const { colors } = terminal;
    const { agent, candidacy } = outcome;
    terminal.printJson(outcome);
    terminal.print(
      `${colors.red('✗')} ${colors.bold(agent.agentId)} stays at ${agent.tier}: ${candidacy.toTier} is denied.`,
      agent.evaluation.recommendation,
    );
    return 0;
  });
}
