import { isAgentId } from '../../governance/agent-id.ts';
import { importedAgent, type ImportedAgent } from '../../governance/import/imported-agent.ts';
import { rowProblem, shown } from '../../governance/import/imported-problem.ts';
import type { OriginalRows, OriginalValue } from '../../governance/import/imported-rows.ts';
import type { OriginalSnapshot } from '../ports/original-ledger.ts';
import type { Reader } from '../ports/store.ts';
import type { ImportLog } from './import-report.ts';

/** The agents of an original ledger: those to import in byte order of their ids, and what became of the others. */
export interface AgentsToImport {
  readonly wanted: ReadonlyMap<OriginalValue, ImportedAgent>;
  readonly others: ReadonlyMap<OriginalValue, 'skipped' | 'refused'>;
}

type Row = OriginalRows['agent_metrics'];
const ASKED_AT_ONCE = 500;

/** Decides which agents to import: those that are clear enough, and not here already. */
export async function agentsToImport(
  reader: Pick<Reader, 'agents'>,
  snapshot: OriginalSnapshot,
  { log, notAfter }: { readonly log: ImportLog; readonly notAfter: number },
): Promise<AgentsToImport> {
  const rows = knownTotals([...snapshot.rows('agent_metrics')], log);
  const present = await presentAgents(reader, [...new Set(rows.map((row) => row.agentId))]);
  const twice = repeated(rows);
  const wanted = new Map<OriginalValue, ImportedAgent>();
  const others = new Map<OriginalValue, 'skipped' | 'refused'>();
  for (const row of rows) {
    const outcome = judge(row, { present, twice, log, notAfter });
    log.count('agent_metrics', typeof outcome === 'string' ? outcome : 'imported');
    if (typeof outcome === 'string') others.set(row.agentId, outcome);
    else wanted.set(row.agentId, outcome);
  }
  return { wanted, others };
}

/** An engine that never wrote total_runs left its default of 0 in every row: such a column says nothing. */
function knownTotals(rows: readonly Row[], log: ImportLog): readonly Row[] {
  const counts = ({ totalRuns }: Row) => totalRuns !== null && totalRuns !== 0;
  const hasRuns = ({ compliantRuns, consecutiveCompliant }: Row) =>
    Number(compliantRuns) > 0 || Number(consecutiveCompliant) > 0;
  if (rows.some(counts) || !rows.some((row) => row.totalRuns === 0 && hasRuns(row))) return rows;
  log.note({
    kind: 'COUNTER_UNCLEAR',
    table: 'agent_metrics',
    agentId: null,
    rowid: null,
    message: 'total_runs is 0 in every row, so it counts as unknown: the larger of the other two counters.',
  });
  return rows.map((row) => ({ ...row, totalRuns: null }));
}

interface Known {
  readonly present: ReadonlySet<OriginalValue>;
  readonly twice: ReadonlySet<OriginalValue>;
  readonly log: ImportLog;
  readonly notAfter: number;
}

function judge(row: Row, { present, twice, log, notAfter }: Known): ImportedAgent | 'skipped' | 'refused' {
  const note = (kind: 'AGENT_EXISTS' | 'AGENT_TWICE', message: string) =>
    log.note(rowProblem('agent_metrics', row, { kind, message }));
  if (present.has(row.agentId)) {
    note('AGENT_EXISTS', `The agent ${shown(row.agentId)} is here already; it is skipped with all its rows.`);
    return 'skipped';
  }
  if (row.namesakes > 1 || twice.has(row.agentId)) {
    note(
      'AGENT_TWICE',
      `The agent ${shown(row.agentId)} has several rows, or others that its column holds to be equal; it is not imported.`,
    );
    return 'refused';
  }
  const { fact, problems } = importedAgent(row, notAfter);
  for (const problem of problems) log.note(problem);
  return fact ?? 'refused';
}

async function presentAgents(
  reader: Pick<Reader, 'agents'>,
  ids: readonly OriginalValue[],
): Promise<ReadonlySet<OriginalValue>> {
  const names = ids.filter((id) => typeof id === 'string').filter(isAgentId);
  const present = new Set<OriginalValue>();
  for (let start = 0; start < names.length; start += ASKED_AT_ONCE) {
    const found = await reader.agents(names.slice(start, start + ASKED_AT_ONCE));
    for (const agentId of found.keys()) present.add(agentId);
  }
  return present;
}

function repeated(rows: readonly Row[]): ReadonlySet<OriginalValue> {
  const seen = new Set<OriginalValue>();
  const twice = new Set<OriginalValue>();
  for (const { agentId } of rows) (seen.has(agentId) ? twice : seen).add(agentId);
  return twice;
}
