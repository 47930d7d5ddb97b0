import type { EntryPayloads, LedgerEntryType } from '../../../governance/ledger/entries.ts';
import { violationTimes } from '../../../governance/import/imported-violation.ts';
import { actionsDigest, runDigest, violationDigest } from '../../../governance/run.ts';
import type {
  EntryRow,
  FormerOwnerRow,
  LedgerSnapshot,
  RunRow,
  ViolationRow,
} from '../../ports/ledger-archive.ts';
import type { Rows } from '../../rows.ts';
import type { LedgerProblemKind, ProblemLog } from './problems.ts';
import { RowsOfEntries } from './rows-of-entries.ts';

/** The rows that stand on one entry. */
export interface EntryFacts {
  readonly runs: readonly RunRow[];
  readonly actions: readonly Rows['actions'][];
  readonly violations: readonly ViolationRow[];
  readonly candidacies: readonly Rows['candidacies'][];
  readonly approvals: readonly Rows['approvals'][];
  readonly formerOwners: readonly FormerOwnerRow[];
}

/** How many rows of each kind there are. */
export type FactCounts = Readonly<Record<keyof EntryFacts, number>>;

/** An entry with its parsed payload, whatever that holds. */
export interface ReadEntry<T extends LedgerEntryType = LedgerEntryType> extends EntryRow {
  readonly read: EntryPayloads[T];
}

/** Holds the rows of runs, actions, violations, candidacies and approvals against the entries that cover them. */
export class FactsCheck {
  readonly #log: ProblemLog;
  readonly #runs: RowsOfEntries<RunRow>;
  readonly #actions: RowsOfEntries<Rows['actions']>;
  readonly #violations: RowsOfEntries<ViolationRow>;
  readonly #candidacies: RowsOfEntries<Rows['candidacies']>;
  readonly #approvals: RowsOfEntries<Rows['approvals']>;
  readonly #formerOwners: RowsOfEntries<FormerOwnerRow>;

  constructor(log: ProblemLog, snapshot: LedgerSnapshot) {
    this.#log = log;
    const stray = (kind: LedgerProblemKind, what: string) => {
      return (row: { readonly seq: number; readonly agentId?: string }) => {
        log.note(kind, row, `There is ${what} of an entry that there is not.`);
      };
    };
    this.#runs = new RowsOfEntries(snapshot.runs(), stray('RUN', 'a run'));
    this.#actions = new RowsOfEntries(snapshot.actions(), stray('ACTION', 'an action'));
    this.#violations = new RowsOfEntries(snapshot.violations(), stray('VIOLATION', 'a violation'));
    this.#candidacies = new RowsOfEntries(snapshot.candidacies(), stray('CANDIDACY', 'a candidacy'));
    this.#approvals = new RowsOfEntries(snapshot.approvals(), stray('APPROVAL', 'an approval'));
    this.#formerOwners = new RowsOfEntries(snapshot.formerOwners(), stray('OWNER', 'a former owner'));
  }

  /** The rows of an entry. Entries must be asked for in their order. */
  of({ seq }: EntryRow): EntryFacts {
    return {
      runs: this.#runs.of(seq),
      actions: this.#actions.of(seq),
      violations: this.#violations.of(seq),
      candidacies: this.#candidacies.of(seq),
      approvals: this.#approvals.of(seq),
      formerOwners: this.#formerOwners.of(seq),
    };
  }

  check(entry: ReadEntry, facts: EntryFacts): void {
    this.#checkCounts(entry, facts);
    for (const run of facts.runs) this.#checkRun(entry as ReadEntry<'RUN_RECORDED'>, run, facts.actions);
    for (const violation of facts.violations)
      this.#checkViolation(entry as ReadEntry<'VIOLATION_REPORTED'>, violation);
    for (const approval of facts.approvals)
      this.#checkApproval(entry as ReadEntry<'APPROVAL_RECORDED'>, approval);
    if (entry.type === 'AGENT_IMPORTED')
      this.#checkImport(entry as ReadEntry<'AGENT_IMPORTED'>, facts.actions);
  }

  /** Gives how many rows there were. */
  finish(): FactCounts {
    const all = {
      runs: this.#runs,
      actions: this.#actions,
      violations: this.#violations,
      candidacies: this.#candidacies,
      approvals: this.#approvals,
      formerOwners: this.#formerOwners,
    };
    for (const rows of Object.values(all)) rows.finish();
    return {
      runs: all.runs.count,
      actions: all.actions.count,
      violations: all.violations.count,
      candidacies: all.candidacies.count,
      approvals: all.approvals.count,
      formerOwners: all.formerOwners.count,
    };
  }

  #checkCounts(entry: ReadEntry, facts: EntryFacts): void {
    const { type } = entry;
    const votes = type === 'APPROVAL_RECORDED' || (type === 'AGENT_PROMOTED' && !('imported' in entry.read));
    const expect = (kind: Parameters<ProblemLog['note']>[0], found: number, wanted: number) => {
      const message = `It should have ${wanted} of these rows, and has ${found}.`;
      this.#log.unless(found === wanted, kind, entry, message);
    };
    expect('RUN', facts.runs.length, type === 'RUN_RECORDED' ? 1 : 0);
    expect('VIOLATION', facts.violations.length, type === 'VIOLATION_REPORTED' ? 1 : 0);
    expect('CANDIDACY', facts.candidacies.length, type === 'AGENT_BECAME_ELIGIBLE' ? 1 : 0);
    expect('APPROVAL', facts.approvals.length, votes ? 1 : 0);
    if (type !== 'RUN_RECORDED' && type !== 'AGENT_IMPORTED') expect('ACTION', facts.actions.length, 0);
  }

  #checkRun(entry: ReadEntry<'RUN_RECORDED'>, run: RunRow, actions: EntryFacts['actions']): void {
    const covers = entry.read.digest === runDigest({ ...run, actions });
    this.#log.unless(covers, 'RUN', entry, 'The run or its actions are not those that were recorded.');
    const same =
      run.agentId === entry.agentId &&
      run.runId === entry.read.runId &&
      run.recordedAt === entry.recordedAt &&
      run.recordedByKey === entry.actorKey;
    this.#log.unless(same, 'RUN', entry, 'Its run is of another agent, name, time or recorder.');
    const compliance = 'Its run is compliant though a violation names it, or the other way round.';
    this.#log.unless(run.compliant !== run.violated, 'RUN', entry, compliance);
    this.#checkActions(entry, actions, () => entry.recordedAt);
  }

  #checkImport(entry: ReadEntry<'AGENT_IMPORTED'>, actions: EntryFacts['actions']): void {
    const { count, digest } = entry.read.actions;
    const covers = count === actions.length && digest === actionsDigest(actions);
    this.#log.unless(covers, 'ACTION', entry, 'The actions are not those that were imported.');
    this.#checkActions(entry, actions, (action) => action.occurredAt);
  }

  #checkActions(
    entry: EntryRow,
    actions: EntryFacts['actions'],
    recordedAt: (action: Rows['actions']) => number,
  ): void {
    const same = actions.every(
      (action, index) =>
        action.position === index &&
        action.agentId === entry.agentId &&
        action.recordedAt === recordedAt(action),
    );
    this.#log.unless(same, 'ACTION', entry, 'An action is of another agent, place or time of recording.');
  }

  #checkViolation(entry: ReadEntry<'VIOLATION_REPORTED'>, violation: ViolationRow): void {
    const { agentId, description: digest, ...rest } = violation;
    const description = digest === null ? null : { id: violation.descriptionId ?? '', digest };
    const covers = entry.read.digest === violationDigest(agentId, { ...rest, description });
    this.#log.unless(covers, 'VIOLATION', entry, 'The violation is not the one that was recorded.');
    const same = agentId === entry.agentId && violation.runSeq === entry.read.run;
    this.#log.unless(same, 'VIOLATION', entry, 'Its violation is of another agent or run.');
    const when = recordedTimes(entry, violation).includes(violation.recordedAt);
    this.#log.unless(when, 'VIOLATION', entry, 'Its violation counts from another time on.');
  }

  #checkApproval(entry: ReadEntry<'APPROVAL_RECORDED'>, approval: Rows['approvals']): void {
    const { candidacy, role, rationale } = entry.read;
    const same =
      approval.candidacySeq === candidacy &&
      approval.principalKey === entry.actorKey &&
      approval.role === role &&
      approval.rationaleId === (rationale?.id ?? null) &&
      approval.at === entry.at;
    this.#log.unless(same, 'APPROVAL', entry, 'Its vote is not the one that was recorded.');
  }
}

/** An imported violation counts since it occurred, or since ever if its time is unknown: then it has that of the import. */
function recordedTimes(
  entry: ReadEntry<'VIOLATION_REPORTED'>,
  { occurredAt }: ViolationRow,
): readonly number[] {
  if (entry.read.after !== undefined) return [entry.recordedAt];
  const known = violationTimes({ occurredAt }, entry.recordedAt).recordedAt;
  const unknown = violationTimes({ occurredAt: null }, entry.recordedAt);
  return occurredAt === unknown.occurredAt ? [known, unknown.recordedAt] : [known];
}
