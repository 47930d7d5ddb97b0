import { settleDueAgents } from '../../src/app/standing/settle.ts';
import type { AgentRecord } from '../../src/app/ports/agents.ts';
import { newAgent } from '../../src/app/commands/run-recorder.ts';
import { afterRun, afterViolationInRun, registered } from '../../src/governance/agent-state.ts';
import { DAY } from '../../src/governance/facts.ts';
import { actionsDigest, runDigest, violationDigest } from '../../src/governance/run.ts';
import { BulkLedger } from './bulk-ledger.ts';
import { actionsOf, characterOf, type Character, type Shares } from './character.ts';
import { openFleet } from './open-fleet.ts';

/** A fleet to make: its agents share the actions evenly, over at most the 45 days before `now`. */
export interface Fleet extends Shares {
  readonly agents: number;
  readonly actions: number;
  readonly now: number;
  /** 10 unless told otherwise. */
  readonly actionsPerRun?: number;
}

const SPAN = 45 * DAY;
const EARNED = { totalRuns: 60, compliantRuns: 60, consecutiveCompliantRuns: 60 };

interface Member extends Character {
  record: AgentRecord;
}

/** Makes the file of a fleet: rows and chain in bulk, then the stored answers and candidacies by the product itself. */
export async function makeFleet(file: string, fleet: Fleet): Promise<void> {
  const begin = { now: () => fleet.now - SPAN - DAY };
  await (await openFleet(file, begin)).close();
  const ledger = new BulkLedger(file, 'runner');
  const characters = Array.from({ length: fleet.agents }, (_, index) => characterOf(index, fleet));
  const members = characters.map((character) => importMember(ledger, character, begin.now()));
  const rounds = Math.ceil(fleet.actions / fleet.agents / (fleet.actionsPerRun ?? 10));
  const perAgent = Math.ceil(fleet.actions / fleet.agents / rounds);
  // However few there are, the last round lies in the window of every agent.
  const apart = (SPAN - DAY) / Math.max(rounds, 10);
  for (let round = 0; round < rounds; round++)
    members.forEach((member, index) => {
      const ago = (rounds - round - index / members.length) * apart;
      const startedAt = Math.floor((fleet.now - DAY - ago) / 1_000) * 1_000;
      const isLast = round === rounds - 1;
      addRun(ledger, member, { runId: `run-${round}`, startedAt, count: perAgent, isLast });
    });
  ledger.close(members.map(({ record }) => ({ ...record, changesAt: fleet.now })));
  const engine = await openFleet(file, { now: () => fleet.now });
  await settleDueAgents(engine.app);
  await engine.close();
}

/** An agent begins at its tier, with the runs that every step asks behind it. */
function importMember(ledger: BulkLedger, character: Character, at: number): Member {
  const { agentId, tier } = character;
  const after = { ...registered(agentId, at, ledger.nextSeq), tier, counters: EARNED };
  const actions = { count: 0, digest: actionsDigest([]) };
  const payload = { fromTier: null, toTier: tier, after, registeredAt: at, lastActiveAt: null, actions };
  ledger.append({ type: 'AGENT_IMPORTED', at, agentId, actor: ledger.actor, payload });
  return { ...character, record: newAgent(after, null, at) };
}

interface MadeRun {
  readonly runId: string;
  readonly startedAt: number;
  readonly count: number;
  readonly isLast: boolean;
}

function addRun(ledger: BulkLedger, member: Member, { runId, startedAt, count, isLast }: MadeRun): void {
  const { agentId, lacks } = member;
  const { actor } = ledger;
  const compliant = !(isLast && lacks === 'VIOLATION');
  const actions = actionsOf(member, startedAt, count);
  const finishedAt = startedAt + count * 1_000;
  const sentDigest = runDigest({ agentId, runId, startedAt, finishedAt, actions });
  const recordedAt = finishedAt;
  let after = afterRun(member.record.state, compliant);
  const payload = { runId, digest: sentDigest, after };
  const seq = ledger.append({ type: 'RUN_RECORDED', at: recordedAt, agentId, actor, payload });
  if (!compliant) {
    const broken = { type: 'scope', severity: 'LOW', occurredAt: startedAt, description: null } as const;
    after = afterViolationInRun(after, ledger.nextSeq);
    const payload = { run: seq, digest: violationDigest(agentId, broken), after };
    const own = ledger.append({ type: 'VIOLATION_REPORTED', at: recordedAt, agentId, actor, payload });
    const { type, severity, occurredAt } = broken;
    ledger.addViolation({
      seq: own,
      agentId,
      violationId: null,
      runSeq: seq,
      type,
      severity,
      descriptionId: null,
      occurredAt,
      recordedAt,
      sentDigest: null,
      sentSalt: null,
    });
  }
  ledger.addRun(
    {
      seq,
      agentId,
      runId,
      startedAt,
      finishedAt,
      recordedAt,
      recordedByKey: actor,
      compliant,
      sentDigest,
      sentSalt: runId,
    },
    actions.map((action, position) => ({ seq, position, agentId, ...action, recordedAt })),
  );
  member.record = { ...member.record, state: after, lastActiveAt: finishedAt };
}
