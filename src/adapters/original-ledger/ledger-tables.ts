import type { Database } from 'better-sqlite3';
import {
  ORIGINAL_TABLES,
  type OriginalRows,
  type OriginalTable,
} from '../../governance/import/imported-rows.ts';
import { FACT_IDS, matched, matchFacts } from './matched-facts.ts';
import { OriginalLedgerError } from './original-ledger-error.ts';

type Columns<Table extends OriginalTable> = Readonly<
  Record<
    Exclude<keyof OriginalRows[Table], 'rowid' | 'named' | 'namesakes'>,
    { readonly name: string; readonly optional?: true }
  >
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
  /** What stands behind FROM to read each table without its indexes; null if there is no such table. */
  readonly sources: Readonly<Record<OriginalTable, string | null>>;
  /** The query of each table; null if there is no such table. */
  readonly queries: Readonly<Record<OriginalTable, string | null>>;
  readonly absent: readonly { readonly table: OriginalTable; readonly column: string | null }[];
}

/**
 * Looks at the tables of a database, and has it match facts with agents.
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
  const queries: Record<OriginalTable, string | null> = { ...NONE };
  const sources: Record<OriginalTable, string | null> = { ...NONE };
  const absent: { table: OriginalTable; column: string | null }[] = [];
  for (const table of ORIGINAL_TABLES) {
    const lacks = (column: string | null) => absent.push({ table, column });
    if (!names.has(table)) lacks(null);
    else {
      const { query, source } = readingOf(database, { table, path, lacks });
      sources[table] = source;
      queries[table] = query;
      if (table !== 'agent_metrics')
        matchFacts(database, table, { agents: sources.agent_metrics, facts: source });
    }
  }
  return { sources, queries, absent };
}

const NONE = { agent_metrics: null, agent_actions: null, violations: null, promotions: null };

interface Inspected {
  readonly table: OriginalTable;
  readonly path: string;
  readonly lacks: (column: string) => void;
}

/** A query sorts by itself: an index may be missing, one of an application unusable, and a damaged one would hide rows. */
function readingOf(database: Database, { table, path, lacks }: Inspected) {
  const present = new Set(namesOf(database, 'SELECT lower(name) FROM pragma_table_xinfo(?)', table));
  const { agentId: id, ...columns } = COLUMNS[table];
  const missing = ({ name }: { readonly name: string }) =>
    new OriginalLedgerError(
      `${path} has a table ${table} without the column ${name}, which every ledger of the original engine has. Check that it is one.`,
    );
  if (!present.has(id.name)) throw missing(id);
  const selected = Object.entries(columns).map(([field, column]) => {
    if (present.has(column.name)) return `t."${column.name}" AS "${field}"`;
    if (column.optional !== true) throw missing(column);
    lacks(column.name);
    return `NULL AS "${field}"`;
  });
  const { type, wr } = kindOf(database, table);
  const rowid = type === 'table' && wr === 0 ? ROWID_NAMES.find((name) => !present.has(name)) : undefined;
  const source = `main."${table}" AS t${type === 'table' ? ' NOT INDEXED' : ''}`;
  const { ids, from } =
    table === 'agent_metrics'
      ? { ids: AGENT_IDS, from: source }
      : { ids: FACT_IDS, from: matched(table, source) };
  const order = `"agentId" COLLATE BINARY${rowid === undefined ? '' : `, t.${rowid}`}`;
  const fields = [rowid === undefined ? 'NULL AS rowid' : `t.${rowid} AS rowid`, ...ids, ...selected];
  return { source, query: `SELECT ${fields.join(', ')} FROM ${from} ORDER BY ${order}` };
}

const AGENT_IDS = [
  `CASE WHEN typeof(t."agent_id") IN ('integer', 'real') THEN CAST(t."agent_id" AS TEXT) ELSE t."agent_id" END AS "agentId"`,
  'count(*) OVER (PARTITION BY t."agent_id") AS namesakes',
];

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
