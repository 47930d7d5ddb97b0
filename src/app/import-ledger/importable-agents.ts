import { importedAction } from '../../governance/import/imported-action.ts';
import type { ImportedAgent } from '../../governance/import/imported-agent.ts';
import { rowProblem, shown, type Judged } from '../../governance/import/imported-problem.ts';
import {
  importedPromotion,
  promotionHistory,
  type ApprovedPromotion,
} from '../../governance/import/imported-promotion.ts';
import type { OriginalRows } from '../../governance/import/imported-rows.ts';
import { importedViolation, type ImportedViolation } from '../../governance/import/imported-violation.ts';
import type { Action } from '../../governance/run.ts';
import type { OriginalSnapshot } from '../ports/original-ledger.ts';
import type { AgentsToImport } from './agents-to-import.ts';
import type { ImportLog } from './import-report.ts';
import { RowsByAgent } from './rows-by-agent.ts';

/** An agent with all that is imported of it, each list in time order; a violation of unknown time comes last. */
export interface ImportableAgent {
  readonly agent: ImportedAgent;
  readonly actions: readonly Action[];
  readonly violations: readonly ImportedViolation[];
  readonly promotions: readonly ApprovedPromotion[];
  /** Since when it holds its tier; null if nothing says so. */
  readonly tierSince: number | null;
}

type FactTable = 'agent_actions' | 'violations' | 'promotions';

/** Reads the facts of every agent to import, one agent in memory at a time, and logs what becomes of every row. */
export function* importableAgents(
  snapshot: OriginalSnapshot,
  agents: AgentsToImport,
  { log, notAfter }: { readonly log: ImportLog; readonly notAfter: number },
): Generator<ImportableAgent> {
  const facts = <Table extends FactTable, Fact>(
    table: Table,
    judge: (row: OriginalRows[Table], notAfter: number) => Judged<Fact | null>,
  ) => {
    const foreign = (row: OriginalRows[Table]) => passForeign(table, row, { agents, log });
    const rows = new RowsByAgent(snapshot.rows(table), { wanted: agents.wanted, foreign });
    const of = (agentId: string) => judged(rows.of(agentId), (row) => judge(row, notAfter), { table, log });
    return { of, finish: () => rows.finish() };
  };
  const actions = facts('agent_actions', importedAction);
  const violations = facts('violations', importedViolation);
  const promotions = facts('promotions', importedPromotion);
  for (const agent of agents.wanted.values()) {
    const { agentId } = agent;
    yield inOrder(agent, log, {
      actions: actions.of(agentId),
      violations: violations.of(agentId),
      promotions: promotions.of(agentId),
    });
  }
  for (const each of [actions, violations, promotions]) each.finish();
}

function judged<Row, Fact>(
  rows: Iterable<Row>,
  judge: (row: Row) => Judged<Fact | null>,
  { table, log }: { readonly table: FactTable; readonly log: ImportLog },
): Fact[] {
  const facts: Fact[] = [];
  for (const row of rows) {
    const { fact, problems } = judge(row);
    for (const problem of problems) log.note(problem);
    if (fact !== null) facts.push(fact);
    log.count(table, fact === null ? 'refused' : 'imported');
  }
  return facts;
}

/** A row of an agent that is not imported; what became of that agent has been noted, of an orphan nothing has. */
function passForeign<Table extends FactTable>(
  table: Table,
  row: OriginalRows[Table],
  { agents, log }: { readonly agents: AgentsToImport; readonly log: ImportLog },
): void {
  const outcome = row.agentId === null ? undefined : agents.others.get(row.agentId);
  if (outcome === undefined) {
    const message = `There is no agent ${shown(row.named)} in agent_metrics; the row is left out.`;
    log.note(rowProblem(table, { rowid: row.rowid, agentId: row.named }, { kind: 'ORPHAN', message }));
  }
  log.count(table, outcome ?? 'refused');
}

interface Facts {
  readonly actions: Action[];
  readonly violations: ImportedViolation[];
  readonly promotions: ApprovedPromotion[];
}

function inOrder(
  agent: ImportedAgent,
  log: ImportLog,
  { actions, violations, promotions }: Facts,
): ImportableAgent {
  const at = (violation: ImportedViolation) => violation.occurredAt ?? Number.MAX_SAFE_INTEGER;
  actions.sort((a, b) => a.occurredAt - b.occurredAt);
  violations.sort((a, b) => at(a) - at(b));
  promotions.sort((a, b) => a.at - b.at);
  const { addsUp, tierSince } = promotionHistory(promotions, agent.tier);
  if (!addsUp) {
    const message = `The promotions of ${agent.agentId} don't add up to ${agent.tier}; they are kept as history.`;
    log.note({
      kind: 'PROMOTIONS_UNCLEAR',
      table: 'promotions',
      agentId: agent.agentId,
      rowid: null,
      message,
    });
  }
  return { agent, actions, violations, promotions, tierSince };
}
