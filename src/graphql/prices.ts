// What answers cost the server. `npm run bench -- price` measures it; docs/cost.md lists every price.

/** What one unit stands for, in microseconds of one core: about what a plain field of an object takes. */
export const UNIT_MICROSECONDS = 2;

/** The cost that an operation may have unless limits say otherwise: about 0.4 s of one core. */
export const DEFAULT_COST = 200_000;

/** The price of a field: `field` once, and `multiplier` times what is selected below it. */
export interface Price {
  readonly field: number;
  readonly multiplier?: number | undefined;
}

/** What a list without a declared size is taken for; `assertPriced` refuses a schema that has one. */
export const UNDECLARED = 1_000_000;

/** The prices of fields that read or compute more than what stands in the row of their object, in units. */
export const PRICES = {
  /** Facts are looked up and every requirement is measured; the same for `requirements`. */
  evaluation: 80,
  /** An entry's evaluation is computed from the facts that the entry holds. */
  pastEvaluation: 30,
  /** What the caller's commands would be decided on: rights, evaluation, votes, owners, who recorded. */
  viewerCan: 90,
  vault: 20,
  /** One statement for this object alone. */
  statement: 100,
  /** The open candidacy of an agent: a statement that looks for it. */
  candidacy: 150,
  /** A row by its key; rows that are asked for together are read together. */
  row: 15,
  /** An item of a page. */
  item: 5,
  /** A page: one statement or more. */
  page: 100,
  /** Counts a whole list. */
  count: 250,
  /** Activity of no days; each day adds `activityDay`. */
  activity: 50,
  activityDay: 1,
  /** Each action that activity counts, charged as it is found. */
  countedAction: 1.5,
  /** Each action of a run beyond `SIZES.actions`, beside what is selected of it. */
  readAction: 3,
  /** A condition of a list that looks at everybody who has earned a tier. */
  viewerCanPromoteFilter: 15_000,
  /** A command: one write transaction. */
  command: 500,
} as const;

/** How long lists are taken for that have no argument `first`. */
export const SIZES = {
  /** Conditions of a step: the built-in policies ask at most 7. */
  requirements: 7,
  blockers: 4,
  /** Votes for one candidacy. */
  approvals: 3,
  needs: 2,
  guidance: 3,
  steps: 4,
  tiers: 5,
  roles: 5,
  permits: 8,
  /** Of a principal: patterns of agents. */
  patterns: 5,
  commands: 7,
  /** Why a command would be refused. */
  reasons: 2,
  actions: 10,
  violationsOfRun: 5,
  actionTypes: 8,
  /** Tier and answer: 5 × 4. */
  counts: 20,
  followers: 2,
  deadLetters: 100,
  unknown: 100,
  issues: 10,
  outcomes: 500,
  agentsOfBatch: 100,
} as const;

/** A list of a declared size, at the price of its field. */
export function listOf(size: keyof typeof SIZES, price = 1) {
  return { field: price, multiplier: SIZES[size] };
}
