import { afterDenial } from '../../governance/agent-state.ts';
import { authorise } from '../../governance/principals/authority.ts';
import { decideDenial } from '../../governance/denial.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import type { PromotionCase } from '../../governance/promotion.ts';
import { verdictOf } from '../../governance/ledger/proof.ts';
import { bindingOf, decidedCase, type DecidedCase, type Deciding } from './decided-case.ts';
import { denyPromotionInput, parseInput, requireRationale, type DenyPromotionInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { countedInput, keepText, runCommand, type CommandResult } from './run-command.ts';

/** The claim that was denied, by the entry that opened it. */
export interface PromotionDenied {
  readonly agentId: string;
  readonly candidacy: number;
}

/**
 * Denies an agent's open candidacy: its step is closed for 7 days, or until the tier changes. Without `expectedEvidence` the
 * denial is bound to the tier that was read on arrival, so it never hits a claim that nobody has looked at.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError, StaleEvaluationError,
 *   NoCandidacyError, SelfApprovalError — in this order.
 */
export async function denyPromotion(
  app: App,
  principal: Principal,
  input: DenyPromotionInput,
): Promise<PromotionDenied> {
  const { idempotencyKey, ...content } = countedInput(app, 'DENY_PROMOTION', () =>
    parseInput(denyPromotionInput, input),
  );
  const { agentId, rationale } = content;
  const bound = await bindingOf(app, { ...content, expectedTier: null });
  const agentsOf = (outcome: PromotionDenied) => [outcome.agentId];
  const call = {
    command: 'DENY_PROMOTION',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale,
    agentsOf,
  } as const;
  return runCommand<PromotionDenied>(app, call, (tx, actor) =>
    decide({ app, tx, actor, principal }, content, bound),
  );
}

type Content = Omit<DenyPromotionInput, 'idempotencyKey'>;

async function decide(
  deciding: Deciding,
  { agentId, rationale }: Content,
  bound: PromotionCase['bound'],
): Promise<CommandResult<PromotionDenied>> {
  const { tx, principal } = deciding;
  authorise(principal, 'DENY_PROMOTION', agentId);
  const known = await knownAgent(tx, agentId);
  requireRationale(tx.inForce, bound.tier ?? known.state.tier, rationale);
  const decided = await decidedCase(deciding, known, bound);
  const until = decideDenial(decided.promotionCase);
  const candidacy = await deny(deciding, decided, { rationale, until });
  return { outcome: { agentId, candidacy }, effect: true };
}

async function deny(
  { app, tx, actor }: Deciding,
  { agent, facts, promotionCase }: DecidedCase,
  { rationale, until }: { readonly rationale: string; readonly until: number },
): Promise<number> {
  const { agentId } = agent.state;
  const { candidacy } = agent;
  if (candidacy === null) throw new RangeError(`${agentId} is eligible without an open candidacy.`);
  const after = afterDenial(agent.state, until);
  const verdict = verdictOf(facts, promotionCase.evaluation);
  const payload = { ...verdict, candidacy, rationale: keepText(app, tx, rationale), until, after };
  const entry = tx.append({ type: 'PROMOTION_DENIED', at: tx.now, agentId, actor, payload });
  tx.closeCandidacy(candidacy, 'DENIED', entry);
  const denied = { ...agent, state: after, candidacy: null, eligibleSince: null };
  await reevaluate(tx, [denied], { at: tx.now, cause: entry.seq, actor });
  return candidacy;
}
