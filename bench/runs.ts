import type { RunInput } from '../src/app/commands/inputs.ts';
import { recordRuns, type RunsRecorded } from '../src/app/commands/record-runs.ts';
import type { App } from '../src/app/app.ts';
import { characterOf } from './fleet/character.ts';
import { principal } from './fleet/open-fleet.ts';

const RUNNER = principal('bench:runner', 'RECORDER', 'SERVICE');

/** Records runs as a runner. */
export function recordAs(app: App, runs: readonly RunInput[]): Promise<RunsRecorded> {
  return recordRuns(app, RUNNER, { runs, idempotencyKey: null });
}

/** A compliant run of the agent of a number, with actions that all ended at an instant. */
export function runOf(index: number, runId: string, at: number, actions = 1): RunInput {
  const { agentId } = characterOf(index, { oneIn: 10 });
  const types = ['generate_plan', 'terraform_plan', 'terraform_apply', 'ansible_check', 'ansible_run'];
  return {
    agentId,
    runId,
    owner: null,
    startedAt: at,
    finishedAt: at,
    violations: [],
    actions: Array.from({ length: actions }, (_, position) => ({
      type: types[position % types.length] ?? '',
      decision: 'EXECUTE' as const,
      success: true,
      occurredAt: at,
    })),
  };
}
