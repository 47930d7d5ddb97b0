import { evaluate, isEligible, type PromotionStatus } from '../../governance/evaluation.ts';
import { adoptedPolicy, stepChanges, type Policy } from '../../governance/policy.ts';
import type { Tier } from '../../governance/tier.ts';
import type { LedgerArchive, LedgerSnapshot } from '../ports/ledger-archive.ts';
import type { AgentRecord } from '../ports/agents.ts';
import { factsOf } from './reevaluate.ts';

/** A policy, as people and programs name it. */
export type NamedPolicy = Pick<Policy, 'name' | 'digest'>;

/** An agent whose open candidacy would end. */
export interface Lapse {
  readonly agentId: string;
  readonly tier: Tier;
  /** How many votes for the step as it was would no longer count. */
  readonly votes: number;
  /** Whether it meets the new policy too, so that a candidacy opens anew, without votes. */
  readonly opensAnew: boolean;
}

/** An agent that would become eligible, or await review. */
export interface Gain {
  readonly agentId: string;
  readonly tier: Tier;
  readonly status: PromotionStatus;
}

/** What putting a policy in force would change. */
export interface AdoptionPreview {
  readonly configured: NamedPolicy;
  /** Null where none has been adopted yet: whichever comes first is then. */
  readonly inForce: NamedPolicy | null;
  readonly agents: number;
  readonly lapses: readonly Lapse[];
  readonly gains: readonly Gain[];
  readonly votesLost: number;
}

const AGENTS_PER_BATCH = 500;

/**
 * Tells what adopting a policy at an instant would change, from one moment of a ledger and without writing anything. What
 * time alone has changed by then under the policy in force is not the new policy's doing, and is not told.
 * @throws MigrationError, StorageBusyError, StorageUnavailableError
 */
export function previewAdoption(
  archive: LedgerArchive,
  policy: Policy,
  now: number,
): Promise<AdoptionPreview> {
  return archive.read(async (snapshot) => {
    const inForce = policyInForce(snapshot);
    const nothing = { configured: named(policy), inForce: inForce === null ? null : named(inForce) };
    const changes = { agents: 0, lapses: [] as Lapse[], gains: [] as Gain[] };
    if (inForce === null || inForce.digest === policy.digest)
      return { ...nothing, ...changes, agents: [...snapshot.agents()].length, votesLost: 0 };
    const votes = votesOf(snapshot);
    for (const batch of batches(snapshot.agents())) {
      const before = await evaluations(snapshot, inForce, batch, now);
      const after = await evaluations(snapshot, policy, batch, now);
      changes.agents += batch.length;
      for (const [index, { state, candidacy }] of batch.entries()) {
        const { agentId, tier } = state;
        const [was, is] = [before[index], after[index]];
        if (was === undefined || is === undefined) continue;
        const eligible = isEligible(is);
        if (candidacy !== null && isEligible(was)) {
          if (eligible && !stepChanges(inForce, policy, tier)) continue;
          changes.lapses.push({ agentId, tier, votes: votes.get(candidacy) ?? 0, opensAnew: eligible });
        } else if (eligible && !isEligible(was)) changes.gains.push({ agentId, tier, status: is });
      }
    }
    return { ...nothing, ...changes, votesLost: changes.lapses.reduce((sum, each) => sum + each.votes, 0) };
  });
}

function policyInForce(snapshot: LedgerSnapshot): Policy | null {
  const { policyDigest } = snapshot.head;
  for (const { digest, body } of snapshot.policies())
    if (digest === policyDigest) return adoptedPolicy(JSON.parse(body));
  return null;
}

async function evaluations(
  snapshot: LedgerSnapshot,
  policy: Policy,
  agents: readonly AgentRecord[],
  now: number,
): Promise<readonly PromotionStatus[]> {
  const facts = await factsOf(snapshot, policy, agents, () => now);
  return facts.map((each) => evaluate(policy, each).status);
}

function votesOf(snapshot: LedgerSnapshot): ReadonlyMap<number, number> {
  const votes = new Map<number, number>();
  for (const { candidacySeq } of snapshot.approvals())
    votes.set(candidacySeq, (votes.get(candidacySeq) ?? 0) + 1);
  return votes;
}

function* batches(agents: Iterable<AgentRecord>): Generator<readonly AgentRecord[]> {
  let batch: AgentRecord[] = [];
  for (const agent of agents) {
    batch.push(agent);
    if (batch.length < AGENTS_PER_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function named({ name, digest }: Policy): NamedPolicy {
  return { name, digest };
}
