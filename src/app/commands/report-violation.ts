import { afterReportedViolation } from '../../governance/agent-state.ts';
import { authorise } from '../../governance/principals/authority.ts';
import { IdempotencyConflictError, ValidationError } from '../../governance/errors.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { sentDigest, violationDigest } from '../../governance/run.ts';
import { parseInput, reportViolationInput, type ReportViolationInput } from './inputs.ts';
import { knownAgent } from './known-agent.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { Sent } from '../ports/repetitions.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { receiptTime } from './receipt-time.ts';
import { reevaluate } from '../standing/reevaluate.ts';
import { countedInput, keepText, runCommand } from './run-command.ts';
import { settle } from '../standing/settle.ts';
import { ViolationRules } from './violation-rules.ts';

/** The violation by its `seq`. */
export interface ViolationReported {
  readonly agentId: string;
  readonly seq: number;
}

/**
 * Reports a violation after its run, or without one: the streak ends, and its run, if compliant until then, no longer
 * is; the rules of revocation apply at once. The same `violationId` with the same content reads the same again.
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError, AgentNotFoundError, TimeInFutureError
 */
export async function reportViolation(
  app: App,
  principal: Principal,
  input: ReportViolationInput,
): Promise<ViolationReported> {
  const { idempotencyKey, ...content } = countedInput(app, 'REPORT_VIOLATION', () =>
    parseInput(reportViolationInput, input),
  );
  const { agentId } = content;
  const agentsOf = (outcome: ViolationReported) => [outcome.agentId];
  const call = {
    command: 'REPORT_VIOLATION',
    principal,
    idempotencyKey,
    input: content,
    agentId,
    rationale: null,
    agentsOf,
  } as const;
  return runCommand<ViolationReported>(app, call, async (tx, actor) => {
    authorise(principal, 'REPORT_VIOLATION', agentId);
    const agent = await knownAgent(tx, agentId);
    const repeated = repeatedSeq(await tx.violation(agentId, content.violationId), content);
    if (repeated !== null) return { outcome: { agentId, seq: repeated }, effect: false };
    return report({ app, tx, actor }, agent, content);
  });
}

type Content = Omit<ReportViolationInput, 'idempotencyKey'>;

function repeatedSeq(before: Sent | null, content: Content): number | null {
  if (before === null) return null;
  if (before.sentSalt !== null && sentDigest(before.sentSalt, content) === before.sentDigest)
    return before.seq;
  throw new IdempotencyConflictError(
    `${content.agentId} has a violation ${content.violationId} with other content. Send what was sent first, or use another violationId.`,
  );
}

async function report(
  to: { readonly app: App; readonly tx: WriteTransaction; readonly actor: string },
  agent: AgentRecord,
  content: Content,
) {
  const { app, tx, actor } = to;
  const { agentId, type, severity } = content;
  const occurredAt = receiptTime(content.occurredAt, tx.now, 'input.occurredAt');
  const run = await runOf(tx, content);
  const settled = (await settle(tx, [agent])).get(agentId) ?? agent;
  const description = content.description === null ? null : keepText(app, tx, content.description);
  const rules = await ViolationRules.open(tx, [{ agentId, violations: [content] }]);
  const state = afterReportedViolation(settled.state, { seq: tx.nextSeq(), run });
  const digest = violationDigest(agentId, { type, severity, occurredAt, description });
  const payload = { run: run?.seq ?? null, digest, after: state };
  const { seq } = tx.append({ type: 'VIOLATION_REPORTED', at: tx.now, agentId, actor, payload });
  const salt = app.ids.next();
  tx.insert('violations', {
    seq,
    agentId,
    type,
    severity,
    occurredAt,
    violationId: content.violationId,
    recordedAt: tx.now,
    runSeq: run?.seq ?? null,
    descriptionId: description?.id ?? null,
    sentDigest: sentDigest(salt, content),
    sentSalt: salt,
  });
  if (run?.compliant) tx.spoilRun(run.seq);
  const after = rules.apply(state, [{ seq, severity }], actor);
  await reevaluate(tx, [{ ...settled, state: after }], { at: tx.now, cause: seq, actor });
  return { outcome: { agentId, seq }, effect: true };
}

async function runOf(tx: WriteTransaction, { agentId, runId }: Content): Promise<Sent | null> {
  if (runId === null) return null;
  const [run] = await tx.runs([{ agentId, runId }]);
  if (run) return run;
  throw new ValidationError([
    { path: 'input.runId', message: `${agentId} has no run ${runId}: record it first, or leave runId out` },
  ]);
}
