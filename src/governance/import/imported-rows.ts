/** A value as SQLite keeps it: whatever a column was declared as, a row may hold any of these. */
export type OriginalValue = string | number | Uint8Array | null;

interface OriginalRow {
  /** Null in a table without row ids. */
  readonly rowid: number | null;
  /** A numeric id is its text. */
  readonly agentId: OriginalValue;
}

interface OriginalFact extends OriginalRow {
  /** The id in agent_metrics that the row's own agent_id equals by the rules of its column; null if none does. */
  readonly agentId: string | null;
  /** The row's own agent_id. */
  readonly named: OriginalValue;
  readonly timestamp: OriginalValue;
}

/** What is read of the tables of the original engine. */
export interface OriginalRows {
  readonly agent_metrics: OriginalRow & {
    /** How many rows agent_metrics has with this id by the rules of its column, this one included. */
    readonly namesakes: number;
    readonly currentTier: OriginalValue;
    readonly totalRuns: OriginalValue;
    readonly compliantRuns: OriginalValue;
    readonly consecutiveCompliant: OriginalValue;
    readonly lastActiveAt: OriginalValue;
  };
  readonly agent_actions: OriginalFact & {
    readonly action: OriginalValue;
    readonly decision: OriginalValue;
    readonly success: OriginalValue;
  };
  readonly violations: OriginalFact & {
    readonly violationType: OriginalValue;
    readonly severity: OriginalValue;
    readonly description: OriginalValue;
  };
  readonly promotions: OriginalFact & {
    readonly fromTier: OriginalValue;
    readonly toTier: OriginalValue;
    readonly approvedBy: OriginalValue;
    readonly rationale: OriginalValue;
  };
}

/** The tables of the original engine. */
export const ORIGINAL_TABLES = ['agent_metrics', 'agent_actions', 'violations', 'promotions'] as const;

/** A table of the original engine. */
export type OriginalTable = (typeof ORIGINAL_TABLES)[number];

/** A free text of a row, or null if it holds none; a NUL, which not every database can keep, is replaced. */
export function importedText(value: OriginalValue): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.replaceAll('\0', '\uFFFD') : null;
}
