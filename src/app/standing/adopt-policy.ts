import { KnownError } from '../../governance/known-error.ts';
import { evaluate } from '../../governance/evaluation.ts';
import { ClockDoubtfulError } from '../time/clock-doubtful-error.ts';
import { canonicalText } from '../../governance/ledger/digest.ts';
import { policyData, stepChanges, type Policy } from '../../governance/policy.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { applyEvaluation, factsOf, lapse, type Change } from './reevaluate.ts';
import { settle } from './settle.ts';

/** The database is governed by another policy than the one that was configured. */
export class PolicyMismatchError extends KnownError {
  override readonly name = 'PolicyMismatchError';
  readonly code = 'POLICY_MISMATCH';
  readonly retryable = false;
}

/** What to do where another policy is in force than the configured one. */
export interface Adoption {
  /** Who starts: the actor of the adoption. */
  readonly operator: Pick<Principal, 'id' | 'kind'>;
  /** Whether to put the configured policy in force; else starting is refused. */
  readonly replace: boolean;
}

/** What adopting a policy in place of another one changed: agents by id. */
export interface Adopted {
  readonly policy: string;
  readonly previous: string;
  readonly lapsed: readonly string[];
  readonly gained: readonly string[];
  readonly votesLost: number;
}

const AGENTS_PER_BATCH = 500;
const LONGEST_WRITE = 6 * 3_600_000;

/**
 * Makes sure that the configured policy is the one in force; a fresh database adopts it at once. Replacing another one
 * happens in one transaction: candidacies whose step changed lapse with their votes, and every agent is evaluated anew, so
 * that nobody ever sees an answer of one policy under the other. Gives what that changed; null if none was replaced.
 * @throws PolicyMismatchError if another one is in force and must not be replaced.
 */
export async function adoptPolicy(app: App, policy: Policy, adoption: Adoption): Promise<Adopted | null> {
  const { policyDigest } = await app.store.reader.head();
  if (policyDigest === policy.digest) return null;
  if (policyDigest !== null && !adoption.replace) throw await mismatch(app, policy, policyDigest);
  const { inForce, adopted } = await app.store.write((tx) => adopt(tx, policy, adoption), {
    timeout: LONGEST_WRITE,
  });
  if (inForce !== policy.digest) throw await mismatch(app, policy, inForce);
  return adopted;
}

/** Gives the digest of the policy in force then: another process may have adopted one first. */
async function adopt(
  tx: WriteTransaction,
  policy: Policy,
  adoption: Adoption,
): Promise<{ readonly inForce: string; readonly adopted: Adopted | null }> {
  const { policyDigest } = await tx.head();
  if (policyDigest === policy.digest || (policyDigest !== null && !adoption.replace))
    return { inForce: policyDigest, adopted: null };
  const previous = policyDigest === null ? null : tx.inForce;
  if (previous !== null && tx.doubt !== null) throw new ClockDoubtfulError(tx.doubt);
  if (previous !== null) await settleAll(tx);
  const actor = await tx.actorKey(adoption.operator);
  const { digest, name } = policy;
  if ((await tx.policy(digest)) === null)
    tx.insert('policies', { digest, name, body: canonicalText(policyData(policy)), adoptedAt: tx.now });
  tx.adoptPolicy(policy);
  const payload = { policy: digest, previous: policyDigest };
  const { seq } = tx.append({ type: 'POLICY_ADOPTED', at: tx.now, agentId: null, actor, payload });
  if (previous === null) return { inForce: digest, adopted: null };
  const changed = await reevaluateAll(tx, previous, { at: tx.now, cause: seq, actor });
  return { inForce: digest, adopted: { policy: name, previous: previous.name, ...changed } };
}

/** What time alone had changed before was decided by the policy in force then. */
async function settleAll(tx: WriteTransaction): Promise<void> {
  for (;;) {
    const due = await tx.dueAgents(tx.now, AGENTS_PER_BATCH);
    const last = due.at(-1)?.changesAt ?? tx.now;
    await settle(tx, due, due.length < AGENTS_PER_BATCH ? tx.now : last);
    await tx.flush();
    if (due.length < AGENTS_PER_BATCH) return;
  }
}

async function reevaluateAll(
  tx: WriteTransaction,
  previous: Policy,
  change: Change,
): Promise<Pick<Adopted, 'lapsed' | 'gained' | 'votesLost'>> {
  const lapsed: string[] = [];
  const gained: string[] = [];
  let votesLost = 0;
  for (let after = ''; ;) {
    const agents = await tx.agentsAfter(after, AGENTS_PER_BATCH);
    const last = agents.at(-1);
    if (last === undefined) return { lapsed, gained, votesLost };
    const votes = await tx.votes(agents.flatMap(({ candidacy }) => candidacy ?? []));
    const facts = await factsOf(tx, tx.inForce, agents, () => change.at);
    for (const [index, agent] of agents.entries()) {
      const found = facts[index];
      if (found === undefined) throw new RangeError('Facts came back for fewer agents than asked.');
      const { candidacy } = reevaluate(tx, agent, { previous, facts: found, change });
      const { agentId } = agent.state;
      if (agent.candidacy === null && candidacy !== null) gained.push(agentId);
      if (agent.candidacy === null || agent.candidacy === candidacy) continue;
      lapsed.push(agentId);
      votesLost += votes.get(agent.candidacy)?.length ?? 0;
    }
    await tx.flush();
    after = last.state.agentId;
  }
}

/** Votes for a step that has changed do not count for what it has become: the claim to it begins anew, if there is one. */
function reevaluate(
  tx: WriteTransaction,
  agent: AgentRecord,
  {
    previous,
    facts,
    change,
  }: { readonly previous: Policy; readonly facts: Parameters<typeof evaluate>[1]; readonly change: Change },
): AgentRecord {
  const next = { facts, evaluation: evaluate(tx.inForce, facts), change };
  if (agent.candidacy === null || !stepChanges(previous, tx.inForce, agent.state.tier)) {
    return applyEvaluation(tx, agent, next);
  }
  const lapsed = lapse(tx, agent, agent.candidacy, next);
  const without = { ...facts, candidacy: null };
  return applyEvaluation(tx, lapsed, { facts: without, evaluation: evaluate(tx.inForce, without), change });
}

async function mismatch(app: App, policy: Policy, inForce: string): Promise<PolicyMismatchError> {
  const name = (await app.store.reader.policy(inForce))?.name ?? 'unknown';
  return new PolicyMismatchError(
    `The policy in force is ${name} (${inForce.slice(0, 12)}), but ${policy.name} (${policy.digest.slice(0, 12)}) is configured. ` +
      'Configure the policy in force again, or put the new one in force: tierkeeper serve --adopt-policy. ' +
      'To see first who would lapse and who would gain: tierkeeper serve --adopt-policy --dry-run',
  );
}
