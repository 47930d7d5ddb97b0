import { recordRuns, type RunsRecorded } from '../../src/app/commands/record-runs.ts';
import type { RunInput } from '../../src/app/commands/inputs.ts';
import { reportViolation } from '../../src/app/commands/report-violation.ts';
import type { App } from '../../src/app/app.ts';
import type { Principal } from '../../src/governance/principals/principal.ts';
import { RUNNER } from './given-principal.ts';

/** An action and a violation as a run sends them. */
export type ActionInput = RunInput['actions'][number];
/** A violation as a run sends it. */
export type ViolationInput = RunInput['violations'][number];

/** A successful execution, unless told otherwise. */
export function givenAction(type: string, occurredAt: number, more: Partial<ActionInput> = {}): ActionInput {
  return { type, decision: 'EXECUTE', success: true, occurredAt, ...more };
}

/** A violation in a run. */
export function givenViolation(occurredAt: number, more: Partial<ViolationInput> = {}): ViolationInput {
  return { type: 'scope', severity: 'LOW', description: null, occurredAt, ...more };
}

let runs = 0;

/** A compliant run of `eve` with an id of its own, that began and ended at an instant. */
export function givenRun(at: number, more: Partial<RunInput> = {}): RunInput {
  runs += 1;
  const times = { startedAt: at, finishedAt: at };
  return {
    agentId: 'eve',
    runId: `run-${runs}`,
    owner: null,
    ...times,
    actions: [],
    violations: [],
    ...more,
  };
}

/** Records runs, as the runner unless told otherwise. */
export function record(app: App, sent: readonly RunInput[], by: Principal = RUNNER): Promise<RunsRecorded> {
  return recordRuns(app, by, { runs: sent, idempotencyKey: null });
}

type Report = Parameters<typeof reportViolation>[2];

/** A report of a violation of `eve` that names no run. */
export function givenReport(occurredAt: number, more: Partial<Report> = {}): Report {
  runs += 1;
  const rest = { type: 'scope', severity: 'LOW', description: null, idempotencyKey: null } as const;
  return { agentId: 'eve', violationId: `violation-${runs}`, runId: null, occurredAt, ...rest, ...more };
}

/** Reports a violation, as the runner unless told otherwise. */
export function report(app: App, sent: Report, by: Principal = RUNNER) {
  return reportViolation(app, by, sent);
}
