import { ReinstateDocument } from '../../../generated/graphql/cli.ts';
import { newId } from '../../../compose/system.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import type { ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { typedRefusal } from '../../api/typed-refusal.ts';

/** Why to reinstate. */
export interface ReinstateOptions extends ApiOptions {
  readonly reason: string;
  readonly idempotencyKey?: string;
}

/** Lifts the suspension of an agent. */
export async function reinstate(
  { terminal, ...cli }: Cli,
  agentId: string,
  options: ReinstateOptions,
): Promise<ExitCode> {
  const { reason, idempotencyKey = newId() } = options;
  return withApi({ terminal, ...cli }, options, async (api) => {
    const input = { agentId, reason, idempotencyKey };
    const outcome = (await ask(api, ReinstateDocument, { input })).reinstateAgent;
    if ('code' in outcome) throw typedRefusal(outcome);
    const { colors } = terminal;
    const { agent } = outcome;
    terminal.printJson(outcome);
    terminal.print(
      `${colors.green('✓')} ${colors.bold(agent.agentId)} is no longer suspended; it is at ${agent.tier}.`,
      agent.evaluation.recommendation,
    );
    return 0;
  });
}
