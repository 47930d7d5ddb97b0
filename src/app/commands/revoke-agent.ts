import { afterRevocation, type AgentState } from '../../governance/agent-state.ts';
import { authorise } from '../../governance/principals/authority.ts';
import type { TextReference } from '../../governance/ledger/entries.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { coolDownEnd, decideRevocation } from '../../governance/revocation.ts';
import type { Tier } from '../../governance/tier.ts';
import { parseInput, revokeAgentInput, type RevokeAgentInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { countedInput, keepText, runCommand, type CommandResult } from './run-command.ts';
import { settle } from '../standing/settle.ts';

/** The revocation by its entry. */
export interface AgentRevoked {
  readonly agentId: string;
  readonly seq: number;
}

/**
 * Lowers an agent's tier, suspends it, or both, at once: no cool-down and no open candidacy stands in the way, and whoever
 * promotes meanwhile finds another tier.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError, NotLowerError — in this order.
 */
export async function revokeAgent(
  app: App,
  principal: Principal,
  input: RevokeAgentInput,
): Promise<AgentRevoked> {
  const { idempotencyKey, ...content } = countedInput(app, 'REVOKE_AGENT', () =>
    parseInput(revokeAgentInput, input),
  );
  const { agentId, reason } = content;
  const agentsOf = (outcome: AgentRevoked) => [outcome.agentId];
  const call = {
    command: 'REVOKE_AGENT',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale: reason,
    agentsOf,
  } as const;
  return runCommand<AgentRevoked>(app, call, (tx, actor) => revoke({ app, tx, actor, principal }, content));
}

async function revoke(
  by: {
    readonly app: App;
    readonly tx: WriteTransaction;
    readonly actor: string;
    readonly principal: Principal;
  },
  { agentId, toTier: asked, suspend, reason }: Omit<RevokeAgentInput, 'idempotencyKey'>,
): Promise<CommandResult<AgentRevoked>> {
  const { app, tx, actor } = by;
  authorise(by.principal, 'REVOKE_AGENT', agentId);
  const known = await knownAgent(tx, agentId);
  const agent = (await settle(tx, [known])).get(agentId) ?? known;
  const toTier = decideRevocation(agent.state, { toTier: asked, suspend });
  const coolDownUntil = coolDownEnd('MANUAL', tx.now);
  const why = { reason: keepText(app, tx, reason), rule: null, cause: null };
  const revoked = appendRevocation(tx, agent.state, {
    toTier,
    suspends: suspend,
    coolDownUntil,
    actor,
    ...why,
  });
  await reevaluate(tx, [{ ...agent, state: revoked.state }], { at: tx.now, cause: revoked.seq, actor });
  return { outcome: { agentId, seq: revoked.seq }, effect: true };
}

/** What a revocation does, and why. */
export interface Revocation {
  readonly toTier: Tier;
  readonly suspends: boolean;
  readonly coolDownUntil: number;
  readonly actor: string;
  readonly reason: TextReference | null;
  readonly rule: string | null;
  readonly cause: number | null;
}

/** Appends a revocation and gives the state after it; its caller re-evaluates the agent. */
export function appendRevocation(
  tx: WriteTransaction,
  state: AgentState,
  { toTier, suspends, coolDownUntil, actor, ...why }: Revocation,
): { readonly state: AgentState; readonly seq: number } {
  const { agentId, tier: fromTier } = state;
  const at = tx.now;
  const after = afterRevocation(state, { toTier, suspends, coolDownUntil, at, seq: tx.nextSeq() });
  const ends = { suspended: after.suspended, coolDownUntil: after.revocationCoolDownUntil ?? coolDownUntil };
  const payload = { fromTier, toTier, ...ends, ...why, after };
  const { seq } = tx.append({ type: 'AGENT_REVOKED', at, agentId, actor, payload });
  return { state: after, seq };
}
