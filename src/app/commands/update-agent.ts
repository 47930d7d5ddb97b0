import { authorise } from '../../governance/principals/authority.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { parseInput, updateAgentInput, type UpdateAgentInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { countedInput, keepText, runCommand } from './run-command.ts';
import { settle } from '../standing/settle.ts';

/** The agent that is as it was asked to be. */
export interface AgentUpdated {
  readonly agentId: string;
  readonly updated: true;
}

/**
 * Gives an agent to another owner, retires it, or takes it back into service. What is so already changes nothing. Its claim
 * and its votes stay, but nobody who owned it since the claim opened can decide on it.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError — in this order.
 */
export async function updateAgent(
  app: App,
  principal: Principal,
  input: UpdateAgentInput,
): Promise<AgentUpdated> {
  const { idempotencyKey, ...content } = countedInput(app, 'UPDATE_AGENT', () =>
    parseInput(updateAgentInput, input),
  );
  const { agentId } = content;
  const agentsOf = (outcome: AgentUpdated) => [outcome.agentId];
  const call = {
    command: 'UPDATE_AGENT',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale: content.reason,
    agentsOf,
  } as const;
  return runCommand<AgentUpdated>(app, call, async (tx, actor) => {
    authorise(principal, 'UPDATE_AGENT', agentId);
    const effect = await update({ app, tx, actor }, await knownAgent(tx, agentId), content);
    return { outcome: { agentId, updated: true }, effect };
  });
}

/** Gives whether anything changed. */
async function update(
  by: { readonly app: App; readonly tx: WriteTransaction; readonly actor: string },
  known: AgentRecord,
  { owner, retired, reason }: Omit<UpdateAgentInput, 'idempotencyKey'>,
): Promise<boolean> {
  const { app, tx, actor } = by;
  const { agentId } = known.state;
  const ownerKey =
    owner === null ? known.ownerKey : ((await tx.principalKeys([owner])).get(owner) ?? known.ownerKey);
  const isRetired = retired ?? known.retiredAt !== null;
  if (ownerKey === known.ownerKey && isRetired === (known.retiredAt !== null)) return false;
  const agent = (await settle(tx, [known])).get(agentId) ?? known;
  const payload = { owner: ownerKey, retired: isRetired, reason: keepText(app, tx, reason) };
  const { seq } = tx.append({ type: 'AGENT_UPDATED', at: tx.now, agentId, actor, payload });
  if (agent.ownerKey !== null && agent.ownerKey !== ownerKey)
    tx.insert('formerOwners', { agentId, principalKey: agent.ownerKey, untilSeq: seq });
  const retiredAt = isRetired ? (agent.retiredAt ?? tx.now) : null;
  tx.saveAgent({ ...agent, ownerKey, retiredAt });
  return true;
}
