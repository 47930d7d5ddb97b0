import { afterRun, afterViolationInRun, registered, type AgentState } from '../../governance/agent-state.ts';
import { OwnerConflictError, RunConflictError } from '../../governance/errors.ts';
import type { RuledViolation } from '../../governance/revocation.ts';
import { runDigest, sentDigest, violationDigest, type Action } from '../../governance/run.ts';
import type { RunInput } from './inputs.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Sent } from '../ports/repetitions.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { receiptTime } from './receipt-time.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { keepText } from './run-command.ts';
import { settle } from '../standing/settle.ts';
import { ViolationRules } from './violation-rules.ts';

interface Recording {
  readonly app: App;
  readonly tx: WriteTransaction;
  /** The opaque key of whoever records. */
  readonly actor: string;
}

type Recorded = { readonly status: 'RECORDED' | 'ALREADY_RECORDED'; readonly seq: number };

/** Records the runs of one batch: everything it needs is read once, what it adds is written set-wise. */
export class RunRecorder {
  /** What may cost an agent its eligibility: the last violation, else the first run. */
  readonly #causes = new Map<string, number>();
  readonly #changed = new Set<string>();

  private constructor(
    private readonly to: Recording,
    private readonly agents: Map<string, AgentRecord>,
    private readonly owners: ReadonlyMap<string, string>,
    private readonly sent: Map<string, Pick<Sent, 'seq' | 'sentDigest' | 'sentSalt'>>,
    private readonly rules: ViolationRules,
  ) {}

  /** Reads what the runs need and settles their agents. */
  static async open(to: Recording, runs: readonly RunInput[]): Promise<RunRecorder> {
    const known = await to.tx.agents([...new Set(runs.map((run) => run.agentId))]);
    const agents = new Map(await settle(to.tx, [...known.values()]));
    const owners = await to.tx.principalKeys(runs.flatMap((run) => run.owner ?? []));
    const existing = await to.tx.runs(runs);
    const sent = new Map(
      runs.flatMap((run, index) => (existing[index] ? [[nameOf(run), existing[index]]] : [])),
    );
    return new RunRecorder(to, agents, owners, sent, await ViolationRules.open(to.tx, runs));
  }

  /**
   * Records one run: facts first, then counters, then the rules of revocation.
   * @throws RunConflictError, OwnerConflictError, TimeInFutureError — before anything is changed.
   */
  record(run: RunInput, path: string): Recorded {
    const repeated = this.#repeated(run);
    if (repeated !== null) return repeated;
    const timed = withReceiptTimes(run, this.to.tx.now, path);
    const agent = this.#agentOf(run);
    const { tx, actor } = this.to;
    const compliant = run.violations.length === 0;
    const after = afterRun(agent.state, compliant);
    const payload = { runId: run.runId, digest: runDigest(timed), after };
    const { seq } = tx.append({ type: 'RUN_RECORDED', at: tx.now, agentId: run.agentId, actor, payload });
    this.#insertRun(run, timed, seq);
    const recorded = this.#recordViolations(timed, seq, after);
    const state = this.rules.apply(recorded.state, recorded.violations, actor);
    this.agents.set(run.agentId, { ...agent, state, lastActiveAt: lastActive(agent, timed) });
    this.#changed.add(run.agentId);
    return { status: 'RECORDED', seq };
  }

  /** Re-evaluates what was touched and gives the agents' ids. */
  async close(): Promise<readonly string[]> {
    const { tx, actor } = this.to;
    const changed = [...this.agents.values()].filter((agent) => this.#changed.has(agent.state.agentId));
    await reevaluate(tx, changed, ({ state }) => ({
      at: tx.now,
      cause: this.#causes.get(state.agentId) ?? null,
      actor,
    }));
    return [...this.agents.keys()];
  }

  #repeated(run: RunInput): Recorded | null {
    const before = this.sent.get(nameOf(run));
    if (before === undefined) return null;
    if (before.sentSalt !== null && sentDigest(before.sentSalt, contentOf(run)) === before.sentDigest)
      return { status: 'ALREADY_RECORDED', seq: before.seq };
    throw new RunConflictError(run.agentId, run.runId, before.seq);
  }

  #agentOf({ agentId, owner }: RunInput): AgentRecord {
    const ownerKey = owner === null ? null : (this.owners.get(owner) ?? null);
    const agent = this.agents.get(agentId);
    if (agent === undefined) return this.#register(agentId, ownerKey);
    if (ownerKey !== null && ownerKey !== agent.ownerKey) throw new OwnerConflictError(agentId);
    return agent;
  }

  #register(agentId: string, ownerKey: string | null): AgentRecord {
    const { tx, actor } = this.to;
    const state = registered(agentId, tx.now, tx.nextSeq());
    const payload = { fromTier: null, toTier: state.tier, owner: ownerKey, after: state };
    tx.append({ type: 'AGENT_REGISTERED', at: tx.now, agentId, actor, payload });
    const agent = newAgent(state, ownerKey, tx.now);
    tx.saveAgent(agent);
    return agent;
  }

  #insertRun(run: RunInput, timed: RunInput, seq: number): void {
    const { app, tx, actor } = this.to;
    const { agentId, runId, startedAt, finishedAt } = timed;
    const salt = app.ids.next();
    const sent = { sentDigest: sentDigest(salt, contentOf(run)), sentSalt: salt };
    const compliant = run.violations.length === 0;
    const recordedAt = tx.now;
    const row = {
      seq,
      agentId,
      runId,
      startedAt,
      finishedAt,
      recordedAt,
      recordedByKey: actor,
      compliant,
      ...sent,
    };
    tx.insert('runs', row);
    tx.insert('recorders', { agentId, principalKey: actor });
    timed.actions.forEach((action: Action, position) => {
      tx.insert('actions', { seq, position, agentId, ...action, recordedAt });
    });
    this.sent.set(nameOf(run), { seq, ...sent });
    if (!this.#causes.has(agentId)) this.#causes.set(agentId, seq);
  }

  #recordViolations({ agentId, violations }: RunInput, run: number, before: AgentState) {
    const { app, tx, actor } = this.to;
    const recorded: RuledViolation[] = [];
    let state = before;
    for (const { description: body, ...rest } of violations) {
      const description = body === null ? null : keepText(app, tx, body);
      state = afterViolationInRun(state, tx.nextSeq());
      const payload = { run, digest: violationDigest(agentId, { ...rest, description }), after: state };
      const { seq } = tx.append({ type: 'VIOLATION_REPORTED', at: tx.now, agentId, actor, payload });
      tx.insert('violations', {
        seq,
        agentId,
        ...rest,
        violationId: null,
        runSeq: run,
        sentDigest: null,
        sentSalt: null,
        descriptionId: description?.id ?? null,
        recordedAt: tx.now,
      });
      recorded.push({ seq, severity: rest.severity });
      this.#causes.set(agentId, seq);
    }
    return { state, violations: recorded };
  }
}

/** An agent of which nothing is known but its state. */
export function newAgent(state: AgentState, ownerKey: string | null, registeredAt: number): AgentRecord {
  return {
    state,
    ownerKey,
    registeredAt,
    lastActiveAt: null,
    retiredAt: null,
    candidacy: null,
    status: 'NOT_ELIGIBLE',
    changesAt: null,
    eligibleAt: null,
    eligibleSince: null,
  };
}

function nameOf({ agentId, runId }: RunInput): string {
  return `${agentId} ${runId}`;
}

/** What makes two runs the same: everything sent but the owner, which counts only once. */
function contentOf({ owner: _, ...content }: RunInput): unknown {
  return content;
}

function withReceiptTimes(run: RunInput, now: number, path: string): RunInput {
  const timed =
    (list: string) =>
    <T extends { readonly occurredAt: number }>(each: T, index: number) => ({
      ...each,
      occurredAt: receiptTime(each.occurredAt, now, `${path}.${list}[${index}].occurredAt`),
    });
  return {
    ...run,
    startedAt: receiptTime(run.startedAt, now, `${path}.startedAt`),
    finishedAt: receiptTime(run.finishedAt, now, `${path}.finishedAt`),
    actions: run.actions.map(timed('actions')),
    violations: run.violations.map(timed('violations')),
  };
}

function lastActive(agent: AgentRecord, run: RunInput): number {
  return Math.max(agent.lastActiveAt ?? run.finishedAt, run.finishedAt);
}
