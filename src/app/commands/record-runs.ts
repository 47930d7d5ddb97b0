import { authorise } from '../../governance/principals/authority.ts';
import { ForbiddenError, GovernanceError, ValidationError } from '../../governance/errors.ts';
import type { Principal } from '../../governance/principals/principal.ts';
import { errorData, type ErrorData } from './error-data.ts';
import { idempotencyKey, parseInput, runInput, type RunInput } from './inputs.ts';
import type { App } from '../app.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { RunRecorder } from './run-recorder.ts';
import { countedInput, recordRefusal, runCommand } from './run-command.ts';

const MOST_RUNS = 500;
const MOST_ACTIONS = 5_000;

/** Runs to record, at most 500 of them with at most 5,000 actions; each is checked by itself. */
export interface RecordRunsInput {
  readonly runs: readonly RunInput[];
  readonly idempotencyKey: string | null;
}

/** What became of one run of a batch. */
export type RunOutcome = { readonly index: number; readonly agentId: string; readonly runId: string } & (
  | { readonly status: 'RECORDED' | 'ALREADY_RECORDED'; readonly seq: number }
  | { readonly status: 'REFUSED'; readonly error: ErrorData }
);

/** What became of a batch; `cursor` is where the ledger stands after it. */
export interface RunsRecorded {
  readonly outcomes: readonly RunOutcome[];
  readonly agentIds: readonly string[];
  readonly cursor: { readonly seq: number; readonly hash: string };
}

/**
 * Records runs in array order; each stands alone, so one that is refused holds up no other (design rule 3.3).
 * @throws ValidationError, IdempotencyConflictError, ForbiddenError
 */
export async function recordRuns(
  app: App,
  principal: Principal,
  input: RecordRunsInput,
): Promise<RunsRecorded> {
  countedInput(app, 'RECORD_RUNS', () => checkBatch(input));
  const call = {
    command: 'RECORD_RUNS',
    principal,
    idempotencyKey: input.idempotencyKey,
    input: input.runs,
    agentId: null,
    rationale: null,
    agentsOf: ({ agentIds }: RunsRecorded) => agentIds,
    grouped: true,
  } as const;
  return runCommand<RunsRecorded>(app, call, (tx, actor) => {
    authorise(principal, 'RECORD_RUNS', null);
    return recordBatch(app, tx, { principal, actor, runs: input.runs });
  });
}

function checkBatch({ runs, idempotencyKey: key }: RecordRunsInput): void {
  const refuse = (message: string) => {
    throw new ValidationError([{ path: 'input.runs', message }]);
  };
  if (key !== null) parseInput(idempotencyKey, key, 'input.idempotencyKey');
  if (runs.length < 1) refuse('is empty: record at least one run');
  if (runs.length > MOST_RUNS) refuse(`has ${runs.length} runs; at most ${MOST_RUNS} fit in one batch`);
  const actions = runs.reduce((sum, run) => sum + run.actions.length, 0);
  if (actions > MOST_ACTIONS) refuse(`has ${actions} actions; at most ${MOST_ACTIONS} fit in one batch`);
}

interface Batch {
  readonly principal: Principal;
  readonly actor: string;
  readonly runs: readonly RunInput[];
}

async function recordBatch(app: App, tx: WriteTransaction, { principal, actor, runs }: Batch) {
  const refusals = runs.map((run, index) => refusalOfRun(principal, run, `input.runs[${index}]`));
  const recorder = await RunRecorder.open(
    { app, tx, actor },
    runs.filter((_, index) => refusals[index] === null),
  );
  const outcomes: RunOutcome[] = [];
  const refused: { agentId: string; refused: GovernanceError }[] = [];
  for (const [index, run] of runs.entries()) {
    const { agentId, runId } = run;
    const done = refusals[index] ?? attempt(() => recorder.record(run, `input.runs[${index}]`));
    if (done instanceof GovernanceError) {
      refused.push({ agentId, refused: done });
      outcomes.push({ index, agentId, runId, status: 'REFUSED', error: errorData(done) });
    } else outcomes.push({ index, agentId, runId, ...done });
  }
  const agentIds = await recorder.close();
  // Last, when an agent that this batch registered is known.
  for (const each of refused)
    await recordRefusal(app, tx, { command: 'RECORD_RUNS', actor, rationale: null, ...each });
  const { seq, hash } = await tx.head();
  const effect = outcomes.some((each) => each.status === 'RECORDED');
  const refusedParts = refused.map(({ refused: error }) => error.code);
  return { outcome: { outcomes, agentIds, cursor: { seq, hash } }, effect, refusedParts };
}

function refusalOfRun(principal: Principal, run: RunInput, path: string): GovernanceError | null {
  const refusal = attempt(() => {
    parseInput(runInput, run, path);
    authorise(principal, 'RECORD_RUNS', run.agentId);
    if (principal.kind === 'AGENT' && run.owner !== null)
      throw new ForbiddenError(`${path}.owner: an agent sets no owner. Leave it out.`, []);
    return null;
  });
  return refusal;
}

function attempt<T>(work: () => T): T | GovernanceError {
  try {
    return work();
  } catch (error) {
    if (error instanceof GovernanceError) return error;
    throw error;
  }
}
