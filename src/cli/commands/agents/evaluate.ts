import { EvaluateDocument } from '../../../generated/graphql/cli.ts';
import type { Api } from '../../api/api.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import { CliError, type ExitCode } from '../../cli-error.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { showEvaluation, type EvaluatedAgent } from '../../output/show-evaluation.ts';

/** Shows whether an agent has earned the next tier, and what is missing. */
export async function evaluate(
  cli: Cli,
  agentId: string,
  { asOf, ...options }: ApiOptions & { readonly asOf?: string },
): Promise<ExitCode> {
  return withApi(cli, options, async (api) => {
    const agent = await evaluatedAgent(api, agentId, asOf);
    cli.terminal.print(...showEvaluation(cli.terminal.colors, agent));
    cli.terminal.printJson(agent);
    return 0;
  });
}

/**
 * An agent with its evaluation.
 * @throws CliError AGENT_NOT_FOUND
 */
export async function evaluatedAgent(api: Api, agentId: string, asOf?: string): Promise<EvaluatedAgent> {
  const { agent } = await ask(api, EvaluateDocument, { agentId, asOf: asOf ?? null });
  if (agent !== null) return agent;
  throw agentNotFound(agentId);
}

/** There is no such agent, as far as the caller may see. */
export function agentNotFound(agentId: string): CliError {
  const message = `There is no agent ${agentId} that you may see. An agent is registered by its first run.`;
  return new CliError(message, { code: 'AGENT_NOT_FOUND', exit: 1, details: { agentId } });
}
