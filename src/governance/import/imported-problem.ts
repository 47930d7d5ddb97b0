import { isAgentId } from '../agent-id.ts';
import type { OriginalTable, OriginalValue } from './imported-rows.ts';

/** What can be unclear in an original ledger. */
export type ImportProblemKind =
  | 'TABLE_MISSING'
  | 'COLUMN_MISSING'
  | 'AGENT_EXISTS'
  | 'AGENT_TWICE'
  | 'AGENT_ID_INVALID'
  | 'TIER_INVALID'
  | 'COUNTER_UNCLEAR'
  | 'TIME_UNREADABLE'
  | 'ACTION_TYPE_INVALID'
  | 'SEVERITY_UNKNOWN'
  | 'PROMOTIONS_UNCLEAR'
  | 'ORPHAN'
  | 'WAL_BESIDE';

/** Something unclear in an original ledger: where it stands, and what the import makes of it. */
export interface ImportProblem {
  readonly kind: ImportProblemKind;
  /** Null if it concerns the whole file. */
  readonly table: OriginalTable | null;
  /** Null if the row names none that could be one; the message shows what it names. */
  readonly agentId: string | null;
  readonly rowid: number | null;
  readonly message: string;
}

/** What a row comes to: the fact it holds, or null if it is left out, and what was unclear about it. */
export interface Judged<Fact> {
  readonly fact: Fact;
  readonly problems: readonly ImportProblem[];
}

const NO_PROBLEMS: readonly ImportProblem[] = [];

/** A row of which everything is clear. */
export function clear<Fact>(fact: Fact): Judged<Fact> {
  return { fact, problems: NO_PROBLEMS };
}

/** A problem of one row. */
export function rowProblem(
  table: OriginalTable,
  row: { readonly rowid: number | null; readonly agentId: OriginalValue },
  problem: Pick<ImportProblem, 'kind' | 'message'>,
): ImportProblem {
  const agentId = typeof row.agentId === 'string' && isAgentId(row.agentId) ? row.agentId : null;
  return { ...problem, table, agentId, rowid: row.rowid };
}

const MOST_SHOWN = 60;
/** What would break a line or steer a terminal. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as a message shows it: one line, and not all of a long one. */
export function shown(value: OriginalValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return `a BLOB of ${value.length} bytes`;
  const text = JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value);
  return text.replaceAll(INVISIBLE, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}
