import { afterPromotion } from '../../governance/agent-state.ts';
import { authorise } from '../../governance/principals/authority.ts';
import type { Facts } from '../../governance/facts.ts';
import type { ApprovalNeed } from '../../governance/policy.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { decidePromotion, type PromotionCase } from '../../governance/promotion.ts';
import { verdictOf } from '../../governance/ledger/proof.ts';
import type { Tier } from '../../governance/tier.ts';
import { bindingOf, decidedCase, type Deciding } from './decided-case.ts';
import { parseInput, promoteAgentInput, requireRationale, type PromoteAgentInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { countedInput, keepRationale, runCommand, type CommandResult } from './run-command.ts';

/** What a vote came to, by the entry that recorded it. */
export type PromoteOutcome =
  | { readonly kind: 'PROMOTED'; readonly agentId: string; readonly seq: number }
  | {
      readonly kind: 'APPROVED';
      readonly agentId: string;
      readonly seq: number;
      readonly candidacy: number;
      readonly missing: readonly ApprovalNeed[];
    };

/**
 * "I approve, and promote if that completes what the policy needs." Without `expectedTier` and `expectedEvidence` the
 * vote is bound to the tier that was read on arrival, before queueing, so N people at once give one promotion.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError, MaximumTierError,
 *   StaleEvaluationError, NotEligibleError, SelfApprovalError, DuplicateApprovalError — in this order.
 */
export async function promoteAgent(
  app: App,
  principal: Principal,
  input: PromoteAgentInput,
): Promise<PromoteOutcome> {
  const { idempotencyKey, ...content } = countedInput(app, 'PROMOTE_AGENT', () =>
    parseInput(promoteAgentInput, input),
  );
  const { agentId, rationale } = content;
  const bound = await bindingOf(app, content);
  const agentsOf = (outcome: PromoteOutcome) => [outcome.agentId];
  const call = {
    command: 'PROMOTE_AGENT',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale,
    agentsOf,
  } as const;
  return runCommand<PromoteOutcome>(app, call, (tx, actor) =>
    vote({ app, tx, actor, principal, bound }, content),
  );
}

type Content = Omit<PromoteAgentInput, 'idempotencyKey'>;

interface Ballot extends Deciding {
  readonly bound: PromotionCase['bound'];
}

async function vote(ballot: Ballot, content: Content): Promise<CommandResult<PromoteOutcome>> {
  const { tx, principal, bound } = ballot;
  const { agentId, rationale } = content;
  authorise(principal, 'PROMOTE_AGENT', agentId);
  const known = await knownAgent(tx, agentId);
  requireRationale(tx.inForce, bound.tier ?? known.state.tier, rationale);
  const { agent, facts, promotionCase } = await decidedCase(ballot, known, bound);
  return carryOut(ballot, agent, { promotionCase, facts, rationale });
}

interface Decided {
  readonly promotionCase: PromotionCase;
  readonly facts: Facts;
  readonly rationale: string | null;
}

async function carryOut(
  ballot: Ballot,
  agent: AgentRecord,
  decided: Decided,
): Promise<CommandResult<PromoteOutcome>> {
  const { agentId } = agent.state;
  const decision = decidePromotion(decided.promotionCase);
  const { candidacy } = agent;
  if (candidacy === null) throw new RangeError(`${agentId} is eligible without an open candidacy.`);
  if (decision.outcome === 'APPROVED') {
    const seq = approve(ballot, agentId, candidacy, decided);
    return {
      outcome: { kind: 'APPROVED', agentId, seq, candidacy, missing: decision.missing },
      effect: true,
    };
  }
  const seq = await promote(ballot, { ...agent, candidacy }, { ...decided, toTier: decision.toTier });
  return { outcome: { kind: 'PROMOTED', agentId, seq }, effect: true };
}

function voteFields({ app, tx }: Ballot, candidacy: number, { promotionCase, facts, rationale }: Decided) {
  const text = keepRationale(app, tx, rationale);
  return {
    ...verdictOf(facts, promotionCase.evaluation),
    candidacy,
    role: promotionCase.voter.role,
    rationale: text,
  };
}

function approve(ballot: Ballot, agentId: string, candidacy: number, decided: Decided): number {
  const { tx, actor } = ballot;
  const payload = voteFields(ballot, candidacy, decided);
  const { seq } = tx.append({ type: 'APPROVAL_RECORDED', at: tx.now, agentId, actor, payload });
  insertApproval(ballot, seq, payload);
  return seq;
}

async function promote(
  ballot: Ballot,
  agent: AgentRecord & { readonly candidacy: number },
  decided: Decided & { readonly toTier: Tier },
): Promise<number> {
  const { tx, actor } = ballot;
  const { agentId, tier: fromTier } = agent.state;
  const { toTier } = decided;
  const after = afterPromotion(agent.state, { toTier, at: tx.now, seq: tx.nextSeq() });
  const payload = { ...voteFields(ballot, agent.candidacy, decided), fromTier, toTier, after };
  const entry = tx.append({ type: 'AGENT_PROMOTED', at: tx.now, agentId, actor, payload });
  insertApproval(ballot, entry.seq, payload);
  tx.closeCandidacy(agent.candidacy, 'PROMOTED', entry);
  const promoted = { ...agent, state: after, candidacy: null, eligibleSince: null };
  await reevaluate(tx, [promoted], { at: tx.now, cause: entry.seq, actor });
  return entry.seq;
}

function insertApproval({ tx, actor }: Ballot, seq: number, paper: ReturnType<typeof voteFields>): void {
  const { candidacy: candidacySeq, role, rationale } = paper;
  tx.insert('approvals', {
    seq,
    candidacySeq,
    principalKey: actor,
    role,
    rationaleId: rationale?.id ?? null,
    at: tx.now,
  });
}
