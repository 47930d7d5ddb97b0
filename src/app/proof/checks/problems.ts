/** What can be wrong with a ledger. */
export type LedgerProblemKind =
  // The chain: a gap, an entry that does not follow the one before, an altered entry, a time that goes back, the head.
  | 'SEQ'
  | 'CHAIN'
  | 'HASH'
  | 'TIME'
  | 'PAYLOAD'
  | 'HEAD'
  | 'CHECKPOINT'
  // Rows that an entry covers, or should.
  | 'RUN'
  | 'ACTION'
  | 'VIOLATION'
  | 'CANDIDACY'
  | 'APPROVAL'
  | 'RECORDER'
  | 'OWNER'
  | 'TEXT'
  | 'PRINCIPAL'
  | 'POLICY'
  // What follows from entries: a verdict, an agent's state after an entry, an agent's row.
  | 'VERDICT'
  | 'STATE'
  | 'AGENT'
  // The database's own guards.
  | 'GUARD';

/** Something wrong: at which entry and with which agent, as far as that can be told. */
export interface LedgerProblem {
  readonly seq: number | null;
  readonly kind: LedgerProblemKind;
  readonly agentId: string | null;
  readonly message: string;
}

/** All problems, counted; the first of them. */
export interface FoundProblems {
  readonly total: number;
  readonly byKind: Readonly<Partial<Record<LedgerProblemKind, number>>>;
  readonly listed: readonly LedgerProblem[];
}

const MOST_LISTED = 100;

/** Where the problem is. */
export interface Place {
  readonly seq?: number | null;
  readonly agentId?: string | null;
}

/** Counts problems and keeps the first hundred: one tampering may show in many places. */
export class ProblemLog {
  readonly #byKind: Partial<Record<LedgerProblemKind, number>> = {};
  readonly #listed: LedgerProblem[] = [];
  #total = 0;

  note(kind: LedgerProblemKind, { seq = null, agentId = null }: Place, message: string): void {
    this.#total += 1;
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
    if (this.#listed.length < MOST_LISTED) this.#listed.push({ seq, kind, agentId, message });
  }

  /** Notes each statement that does not hold. */
  unless(holds: boolean, kind: LedgerProblemKind, place: Place, message: string): void {
    if (!holds) this.note(kind, place, message);
  }

  get found(): FoundProblems {
    return { total: this.#total, byKind: this.#byKind, listed: this.#listed };
  }
}
