import { afterReinstatement } from '../../governance/agent-state.ts';
import { authorise } from '../../governance/principals/authority.ts';
import { reinstatementRefusal } from '../../governance/command-refusal.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { parseInput, reinstateAgentInput, type ReinstateAgentInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { countedInput, keepText, runCommand } from './run-command.ts';
import { settle } from '../standing/settle.ts';

/** The agent whose suspension ended. */
export interface AgentReinstated {
  readonly agentId: string;
  readonly reinstated: true;
}

/**
 * Lifts an agent's suspension; its tier and its cool-down stay what the revocation made them.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError; ValidationError if it is not suspended.
 */
export async function reinstateAgent(
  app: App,
  principal: Principal,
  input: ReinstateAgentInput,
): Promise<AgentReinstated> {
  const { idempotencyKey, ...content } = countedInput(app, 'REINSTATE_AGENT', () =>
    parseInput(reinstateAgentInput, input),
  );
  const { agentId, reason } = content;
  const agentsOf = (outcome: AgentReinstated) => [outcome.agentId];
  const call = {
    command: 'REINSTATE_AGENT',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale: reason,
    agentsOf,
  } as const;
  return runCommand<AgentReinstated>(app, call, async (tx, actor) => {
    authorise(principal, 'REINSTATE_AGENT', agentId);
    const known = await knownAgent(tx, agentId);
    const agent = (await settle(tx, [known])).get(agentId) ?? known;
    const refused = reinstatementRefusal(agent.state);
    if (refused !== null) throw refused;
    const after = afterReinstatement(agent.state);
    const payload = { reason: keepText(app, tx, reason), after };
    const { seq } = tx.append({ type: 'AGENT_REINSTATED', at: tx.now, agentId, actor, payload });
    await reevaluate(tx, [{ ...agent, state: after }], { at: tx.now, cause: seq, actor });
    return { outcome: { agentId, reinstated: true }, effect: true };
  });
}
