import { PromoteDocument, type PromoteMutation } from '../../../generated/graphql/cli.ts';
import { typedRefusal } from '../../api/typed-refusal.ts';
import type { Api } from '../../api/api.ts';
import { ask } from '../../api/ask.ts';
import type { Cli } from '../../cli.ts';
import { CliError, type ExitCode } from '../../cli-error.ts';
import { newId } from '../../../compose/system.ts';
import { withApi, type ApiOptions } from '../../api/open-api.ts';
import { asking } from '../../output/question.ts';
import { needsText, showEvaluation, type EvaluatedAgent } from '../../output/show-evaluation.ts';
import type { Terminal } from '../../output/terminal.ts';
import { evaluatedAgent } from './evaluate.ts';

/** How to vote. */
export interface PromoteOptions extends ApiOptions {
  readonly rationale?: string;
  readonly yes?: true;
  readonly idempotencyKey?: string;
}

type Outcome = PromoteMutation['promoteAgent'];

/** Votes for an agent's promotion, bound to the evaluation that was shown. */
export async function promote(cli: Cli, agentId: string, options: PromoteOptions): Promise<ExitCode> {
  const { terminal } = cli;
  return withApi(cli, options, async (api) => {
    const agent = await evaluatedAgent(api, agentId);
    terminal.print(...showEvaluation(terminal.colors, agent), '');
    const rationale = await confirmed(terminal, agent, options);
    return report(terminal, agent, await vote(api, agent, { ...options, rationale }));
  });
}

/** What the person says on being asked: nobody is asked twice, nor for what can only be refused. */
async function confirmed(
  terminal: Terminal,
  { agentId, evaluation, viewerCanPromote }: EvaluatedAgent,
  { rationale, yes }: PromoteOptions,
): Promise<string | null> {
  if (yes === true || !terminal.interactive || !viewerCanPromote) return rationale ?? null;
  const { currentTier, targetTier, step } = evaluation;
  return asking(terminal, async (ask) => {
    const why =
      rationale === undefined && step?.manualReview === true
        ? await ask('Why? People read this later (10 to 2,000 characters): ')
        : (rationale ?? null);
    const answer = await ask(`Approve ${agentId} from ${currentTier} to ${targetTier}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return why;
    throw new CliError('Nothing was approved.', { code: 'DECLINED', exit: 1 });
  });
}

async function vote(
  api: Api,
  { agentId, tier, evaluation }: EvaluatedAgent,
  { rationale, idempotencyKey }: { readonly rationale: string | null; readonly idempotencyKey?: string },
): Promise<Outcome> {
  const bound = { expectedTier: tier, expectedEvidence: evaluation.evidence };
  const input = { agentId, rationale, ...bound, idempotencyKey: idempotencyKey ?? newId() };
  return (await ask(api, PromoteDocument, { input })).promoteAgent;
}

function report(terminal: Terminal, { evaluation }: EvaluatedAgent, outcome: Outcome): ExitCode {
  const { colors } = terminal;
  if ('code' in outcome) throw typedRefusal(outcome);
  const name = colors.bold(outcome.agent.agentId);
  terminal.printJson({ ...outcome, evaluation });
  if (outcome.__typename === 'AgentPromoted') {
    const { agent, promotion } = outcome;
    terminal.print(`${colors.green('✓')} ${name} is at ${promotion.toTier} now (entry ${promotion.seq}).`);
    terminal.print(agent.evaluation.recommendation);
    return 0;
  }
  const { agent, candidacy } = outcome;
  terminal.print(`${colors.yellow('…')} Your approval of ${name} counts; it is still at ${agent.tier}.`);
  terminal.print(`For ${candidacy.toTier} it needs ${needsText(candidacy.needs)} more.`);
  return 4;
}
