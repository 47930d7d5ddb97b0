import type { Facts } from '../../governance/facts.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import type { PromotionCase } from '../../governance/promotion.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { promotionCases } from './promotion-case.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { settle } from '../standing/settle.ts';

/** Who decides, in which transaction. */
export interface Deciding {
  readonly app: App;
  readonly tx: WriteTransaction;
  readonly actor: string;
  readonly principal: Principal;
}

/** An agent as it is at the decision, and all that the decision stands on. */
export interface DecidedCase {
  readonly agent: AgentRecord;
  readonly facts: Facts;
  readonly promotionCase: PromotionCase;
}

/** Settles and re-evaluates an agent, and gives the case that somebody decides on. */
export async function decidedCase(
  { tx, actor, principal }: Deciding,
  known: AgentRecord,
  bound: PromotionCase['bound'],
): Promise<DecidedCase> {
  const settled = (await settle(tx, [known])).get(known.state.agentId) ?? known;
  const [evaluated] = await reevaluate(tx, [settled], { at: tx.now, cause: null, actor });
  if (evaluated === undefined) throw new RangeError('An evaluation came back for fewer agents than asked.');
  const { agent, facts } = evaluated;
  const ask = { voter: { principal, key: actor }, agents: [agent], facts: [facts], bound: () => bound };
  const [promotionCase] = await promotionCases(tx, tx.inForce, ask);
  if (promotionCase === undefined) throw new RangeError('A case came back for fewer agents than asked.');
  return { agent, facts, promotionCase };
}

/** What a decision is bound to: what its caller named, or else the tier that was read on arrival, before queueing. */
export async function bindingOf(
  app: App,
  asked: {
    readonly agentId: string;
    readonly expectedTier: PromotionCase['bound']['tier'];
    readonly expectedEvidence: string | null;
  },
): Promise<PromotionCase['bound']> {
  const { agentId, expectedTier, expectedEvidence } = asked;
  if (expectedTier !== null || expectedEvidence !== null)
    return { tier: expectedTier, evidence: expectedEvidence };
  const agent = (await app.store.reader.agents([agentId])).get(agentId);
  return { tier: agent?.state.tier ?? 'T0', evidence: null };
}
