import { evaluate } from '../../governance/evaluation.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { applyEvaluation, factsOf, type NewEvaluation } from './reevaluate.ts';

/** Who appends what time alone has changed. */
export const CLOCK_PRINCIPAL = { id: 'system:clock', kind: 'SYSTEM' } as const;

const SWEEP = 500;

/**
 * Appends what time alone has changed of agents, each transition at its own instant and all of them in order; what
 * happened while the server was down appears too. Every command settles its agents first. While the wall clock is
 * doubtful, time changes nothing.
 */
export async function settle(
  tx: WriteTransaction,
  agents: readonly AgentRecord[],
  until = tx.now,
): Promise<ReadonlyMap<string, AgentRecord>> {
  const settled = new Map(agents.map((agent) => [agent.state.agentId, agent]));
  const due = tx.doubt === null ? agents.filter((agent) => isDue(agent, until)) : [];
  if (due.length === 0) return settled;
  const actor = await tx.actorKey(CLOCK_PRINCIPAL);
  const evaluations = await walk(tx, due, { actor, until });
  for (const next of evaluations) {
    const { agentId } = next.facts.state;
    const agent = settled.get(agentId);
    if (agent !== undefined) settled.set(agentId, applyEvaluation(tx, agent, withCandidacy(tx, agent, next)));
  }
  return settled;
}

function isDue(agent: Pick<AgentRecord, 'changesAt'>, now: number): boolean {
  return agent.changesAt !== null && agent.changesAt <= now;
}

/** Every evaluation along `changesAt` up to an instant, earliest first. */
async function walk(
  tx: WriteTransaction,
  due: readonly AgentRecord[],
  { actor, until }: { readonly actor: string; readonly until: number },
): Promise<NewEvaluation[]> {
  const found: NewEvaluation[] = [];
  let round = due;
  while (round.length > 0) {
    const facts = await factsOf(tx, tx.inForce, round, (index) => round[index]?.changesAt ?? tx.now);
    const answers = facts.map((each) => ({ facts: each, evaluation: evaluate(tx.inForce, each) }));
    for (const answer of answers)
      found.push({ ...answer, change: { at: answer.facts.asOf, cause: null, actor } });
    round = round
      .map((agent, index) => ({ ...agent, changesAt: answers[index]?.evaluation.changesAt ?? null }))
      .filter((agent) => isDue(agent, until));
  }
  return found.sort((a, b) => a.change.at - b.change.at);
}

/** The candidacy may have opened or closed at an earlier instant of the same walk. */
function withCandidacy(tx: WriteTransaction, agent: AgentRecord, next: NewEvaluation): NewEvaluation {
  if (agent.candidacy === next.facts.candidacy) return next;
  const facts = { ...next.facts, candidacy: agent.candidacy };
  return { ...next, facts, evaluation: evaluate(tx.inForce, facts) };
}

/**
 * Settles every agent whose stored answer has changed by now, in batches that keep the order of instants, and rings the
 * doorbell if anything was due.
 * @throws StorageBusyError, StorageUnavailableError
 */
export async function settleDueAgents(app: App): Promise<void> {
  for (;;) {
    const settled = await app.store.write(async (tx) => {
      if (tx.doubt !== null) return 0;
      const due = await tx.dueAgents(tx.now, SWEEP);
      const last = due.at(-1)?.changesAt ?? tx.now;
      await settle(tx, due, due.length < SWEEP ? tx.now : last);
      return due.length;
    });
    if (settled > 0) app.doorbell.ring();
    if (settled < SWEEP) return;
  }
}
