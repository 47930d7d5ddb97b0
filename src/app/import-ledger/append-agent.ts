import type { AgentState } from '../../governance/agent-state.ts';
import type { TextReference } from '../../governance/ledger/entries.ts';
import { importedState } from '../../governance/import/imported-agent.ts';
import { violationTimes, type ImportedViolation } from '../../governance/import/imported-violation.ts';
import { actionsDigest, violationDigest } from '../../governance/run.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { keepText } from '../commands/run-command.ts';
import type { ImportableAgent } from './importable-agents.ts';

/** What appending needs: the transaction, the importing operator's key and those of the approvers, by id. */
export interface Appending {
  readonly app: App;
  readonly tx: WriteTransaction;
  readonly actor: string;
  readonly approvers: ReadonlyMap<string, string>;
}

const ACTIONS_PER_FLUSH = 10_000;

/** Appends an agent's promotions, its violations and, as its base, AGENT_IMPORTED with its actions; gives its row. */
export async function appendAgent(to: Appending, from: ImportableAgent): Promise<AgentRecord> {
  const { tx } = to;
  appendPromotions(to, from);
  const lastViolationSeq = appendViolations(to, from);
  const tierSince = from.tierSince ?? tx.now;
  const after = importedState(from.agent, { seq: tx.nextSeq(), tierSince, lastViolationSeq });
  const actions = { count: from.actions.length, digest: actionsDigest(from.actions) };
  const record = recordOf(from, after, tx.now);
  const { registeredAt, lastActiveAt } = record;
  const { seq } = tx.append({
    type: 'AGENT_IMPORTED',
    at: tx.now,
    agentId: after.agentId,
    actor: to.actor,
    payload: { fromTier: null, toTier: after.tier, after, registeredAt, lastActiveAt, actions },
  });
  tx.saveAgent(record);
  await insertActions(tx, from, seq);
  return record;
}

function appendPromotions(to: Appending, { agent: { agentId }, promotions }: ImportableAgent): void {
  for (const { at, fromTier, toTier, approvedBy, rationale } of promotions) {
    const principalKey = to.approvers.get(approvedBy);
    if (principalKey === undefined) throw new RangeError(`There is no key for the approver of ${agentId}.`);
    const imported = { principalKey, rationale: textOf(to, rationale) };
    to.tx.append({
      type: 'AGENT_PROMOTED',
      at,
      agentId,
      actor: to.actor,
      payload: { fromTier, toTier, imported },
    });
  }
}

/** Gives the entry of the last violation, or 0. */
function appendViolations(to: Appending, { agent: { agentId }, violations }: ImportableAgent): number {
  return violations.reduce((_, violation) => appendViolation(to, agentId, violation), 0);
}

function appendViolation(to: Appending, agentId: string, violation: ImportedViolation): number {
  const { type, severity } = violation;
  const { occurredAt, recordedAt } = violationTimes(violation, to.tx.now);
  const description = textOf(to, violation.description);
  const digest = violationDigest(agentId, { type, severity, occurredAt, description });
  const { seq } = to.tx.append({
    type: 'VIOLATION_REPORTED',
    at: occurredAt,
    agentId,
    actor: to.actor,
    payload: { run: null, digest },
  });
  to.tx.insert('violations', {
    seq,
    agentId,
    violationId: null,
    runSeq: null,
    type,
    severity,
    descriptionId: description?.id ?? null,
    occurredAt,
    recordedAt,
    sentDigest: null,
    sentSalt: null,
  });
  return seq;
}

function textOf({ app, tx }: Appending, body: string | null): TextReference | null {
  return body === null ? null : keepText(app, tx, body);
}

async function insertActions(
  tx: WriteTransaction,
  { agent: { agentId }, actions }: ImportableAgent,
  seq: number,
): Promise<void> {
  for (const [position, action] of actions.entries()) {
    tx.insert('actions', { seq, position, agentId, ...action, recordedAt: action.occurredAt });
    if ((position + 1) % ACTIONS_PER_FLUSH === 0) await tx.flush();
  }
}

/** The agent's row as it begins here; its first evaluation follows. */
function recordOf(from: ImportableAgent, state: AgentState, now: number): AgentRecord {
  const { agent, actions, violations, promotions } = from;
  const firsts = [actions[0]?.occurredAt, violations[0]?.occurredAt, promotions[0]?.at, agent.lastActiveAt];
  const lasts = [agent.lastActiveAt, actions.at(-1)?.occurredAt ?? null].filter((last) => last !== null);
  return {
    state,
    ownerKey: null,
    registeredAt: Math.min(now, ...firsts.map((first) => first ?? now)),
    lastActiveAt: lasts.length === 0 ? null : Math.max(...lasts),
    retiredAt: null,
    candidacy: null,
    status: 'NOT_ELIGIBLE',
    changesAt: null,
    eligibleAt: null,
    eligibleSince: null,
  };
}
