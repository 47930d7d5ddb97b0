import type { Database } from 'better-sqlite3';
import { ORIGINAL_TABLES, type OriginalRows, type OriginalTable } from '../../governance/imported-rows.ts';
import { OriginalLedgerError } from './original-ledger-error.ts';

type Columns<Table extends OriginalTable> = Readonly<
  Record<Exclude<keyof OriginalRows[Table], 'rowid'>, { readonly name: string; readonly optional?: true }>
>;

const agentId = { name: 'agent_id' };
const fact = { agentId, timestamp: { name: 'timestamp' } };
const optional = (name: string) => ({ name, optional: true }) as const;

const COLUMNS: { readonly [Table in OriginalTable]: Columns<Table> } = {
  agent_metrics: {
    agentId,
    currentTier: { name: 'current_tier' },
    totalRuns: optional('total_runs'),
    compliantRuns: optional('compliant_runs'),
    consecutiveCompliant: optional('consecutive_compliant'),
    lastActiveAt: optional('last_active_at'),
  },
  agent_actions: {
    ...fact,
    action: { name: 'action' },
    decision: optional('decision'),
    success: optional('success'),
  },
  violations: {
    ...fact,
    violationType: optional('violation_type'),
    severity: optional('severity'),
    description: optional('description'),
  },
  promotions: {
    ...fact,
    fromTier: { name: 'from_tier' },
    toTier: { name: 'to_tier' },
    approvedBy: optional('approved_by'),
    rationale: optional('rationale'),
  },
};

/** How a ledger's tables are read, and what they lack. */
export interface LedgerTables {
  /** The query of each table; null if there is no such table. */
  readonly queries: Readonly<Record<OriginalTable, string | null>>;
  readonly absent: readonly { readonly table: OriginalTable; readonly column: string | null }[];
}

/**
 * Looks at the tables of a database.
 * @throws OriginalLedgerError if it is no original ledger.
 */
export function inspectTables(database: Database, path: string): LedgerTables {
  const names = new Set(namesOf(database, "SELECT lower(name) FROM pragma_table_list WHERE schema = 'main'"));
  if (names.has('ledger_entries') && names.has('ledger_head'))
    throw new OriginalLedgerError(
      `${path} is a database of Tierkeeper itself. Name the file of the original engine; to move Tierkeeper, copy its database.`,
    );
  if (!names.has('agent_metrics'))
    throw new OriginalLedgerError(
      `${path} has no table agent_metrics, so it is no ledger of the original engine. Name the file that it writes to.`,
    );
  const queries: Record<OriginalTable, string | null> = { ...NO_QUERIES };
  const absent: { table: OriginalTable; column: string | null }[] = [];
  for (const table of ORIGINAL_TABLES) {
    const lacks = (column: string | null) => absent.push({ table, column });
    if (names.has(table)) queries[table] = queryOf(database, { table, path, lacks });
    else lacks(null);
  }
  return { queries, absent };
}

const NO_QUERIES = { agent_metrics: null, agent_actions: null, violations: null, promotions: null };

interface Inspected {
  readonly table: OriginalTable;
  readonly path: string;
  readonly lacks: (column: string) => void;
}

/** Sorts by itself: an index may be missing, and a damaged one would hide rows. */
function queryOf(database: Database, { table, path, lacks }: Inspected): string {
  const present = new Set(namesOf(database, 'SELECT lower(name) FROM pragma_table_xinfo(?)', table));
  const selected = Object.entries(COLUMNS[table]).map(([field, { name, optional: isOptional }]) => {
    if (present.has(name)) return `"${name}" AS "${field}"`;
    if (isOptional !== true)
      throw new OriginalLedgerError(
        `${path} has a table ${table} without the column ${name}, which every ledger of the original engine has. Check that it is one.`,
      );
    lacks(name);
    return `NULL AS "${field}"`;
  });
  const { type, wr } = kindOf(database, table);
  const rowid = type === 'table' && wr === 0 ? ROWID_NAMES.find((name) => !present.has(name)) : undefined;
  const from = `"${table}"${type === 'table' ? ' NOT INDEXED' : ''}`;
  const order = `"agent_id" COLLATE BINARY${rowid === undefined ? '' : `, ${rowid}`}`;
  return `SELECT ${rowid ?? 'NULL'} AS rowid, ${selected.join(', ')} FROM ${from} ORDER BY ${order}`;
}

const ROWID_NAMES = ['rowid', '_rowid_', 'oid'];

function kindOf(database: Database, table: string) {
  const query = "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = ?";
  const kind = database.prepare<[string], { type: string; wr: number }>(query).get(table);
  return kind ?? { type: 'view', wr: 0 };
}

function namesOf(database: Database, query: string, ...parameters: string[]): readonly string[] {
  return database
    .prepare<string[], string>(query)
    .pluck()
    .all(...parameters);
}
