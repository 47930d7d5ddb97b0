import type { ImportProblem, ImportProblemKind } from '../../governance/import/imported-problem.ts';
import type { OriginalTable } from '../../governance/import/imported-rows.ts';

/** What became of the rows of a table: `skipped` are those of agents that are here already. */
export interface ImportTally {
  readonly imported: number;
  readonly skipped: number;
  readonly refused: number;
}

/** What an import did or, on a dry run, would do. */
export interface ImportReport {
  readonly dryRun: boolean;
  readonly agents: ImportTally;
  readonly actions: ImportTally;
  readonly violations: ImportTally;
  readonly promotions: ImportTally;
  /** Everything unclear and every agent that is here already, counted by kind; of each kind the first 1,000 are listed. */
  readonly problems: {
    readonly total: number;
    readonly byKind: Readonly<Partial<Record<ImportProblemKind, number>>>;
    readonly listed: readonly ImportProblem[];
  };
}

/** How far an import has come, in rows of the original ledger. */
export interface ImportProgress {
  readonly phase: 'CHECKING' | 'IMPORTING';
  readonly done: number;
  readonly total: number;
}

/** Of a kind, so that one that is everywhere hides no other. */
const MOST_LISTED = 1_000;
const PROGRESS_STEP = 5_000;

/** Counts what becomes of every row, and keeps what was unclear. */
export class ImportLog {
  readonly #tallies: Record<OriginalTable, { imported: number; skipped: number; refused: number }> = {
    agent_metrics: { imported: 0, skipped: 0, refused: 0 },
    agent_actions: { imported: 0, skipped: 0, refused: 0 },
    violations: { imported: 0, skipped: 0, refused: 0 },
    promotions: { imported: 0, skipped: 0, refused: 0 },
  };
  readonly #byKind: Partial<Record<ImportProblemKind, number>> = {};
  readonly #listed: ImportProblem[] = [];
  readonly #onRows: (done: number) => void;
  #problems = 0;
  #rows = 0;

  /** `onRows` hears of every 5,000 rows, and of the end. */
  constructor(onRows: (done: number) => void) {
    this.#onRows = onRows;
  }

  count(table: OriginalTable, outcome: keyof ImportTally): void {
    this.#tallies[table][outcome] += 1;
    this.#rows += 1;
    if (this.#rows % PROGRESS_STEP === 0) this.#onRows(this.#rows);
  }

  note(problem: ImportProblem): void {
    this.#problems += 1;
    const ofKind = (this.#byKind[problem.kind] ?? 0) + 1;
    this.#byKind[problem.kind] = ofKind;
    if (ofKind <= MOST_LISTED) this.#listed.push(problem);
  }

  /** Ends the log. */
  report(dryRun: boolean): ImportReport {
    this.#onRows(this.#rows);
    return {
      dryRun,
      agents: this.#tallies.agent_metrics,
      actions: this.#tallies.agent_actions,
      violations: this.#tallies.violations,
      promotions: this.#tallies.promotions,
      problems: { total: this.#problems, byKind: this.#byKind, listed: this.#listed },
    };
  }
}
