import type { Database } from 'better-sqlite3';
import type { OriginalTable } from '../../governance/import/imported-rows.ts';

/** The tables whose rows say of an agent what it did. */
export type FactTable = Exclude<OriginalTable, 'agent_metrics'>;

/** Of a fact that is joined with its agents: the id of the agent, and the row's own. */
export const FACT_IDS = ['m.agent AS "agentId"', 't."agent_id" AS named'];

/** A table of facts, each joined with every agent that it is of; `matchFacts` comes first. */
export function matched(table: FactTable, source: string): string {
  return `${source} LEFT JOIN temp."agents_of_${table}" AS m ON t."agent_id" = m.name`;
}

/**
 * Prepares the join of a table of facts with agents, as the original engine finds them: `WHERE agent_id = ?`, by the
 * affinity and the collation of the column. A temporary table holds each id of an agent as that column would keep it; the
 * column stands on the left of the comparison, so that its collation decides.
 *
 * An id that agent_metrics keeps as a number can be asked for as a number or as its text. A violation that either finds is
 * the agent's; anything else must be found by both, so that neither way of asking finds the agent worse than the import does.
 */
export function matchFacts(
  database: Database,
  table: FactTable,
  { agents, facts }: { readonly agents: string | null; readonly facts: string },
): void {
  const ids = `FROM ${String(agents)} WHERE typeof(t."agent_id") IN ('text', 'integer', 'real')`;
  const text = 'CAST(t."agent_id" AS TEXT) COLLATE BINARY';
  const asked = `temp."asked_of_${table}"`;
  database.exec(`
    CREATE TEMP TABLE "asked_of_${table}" AS
      SELECT t."agent_id" AS name, CAST('' AS TEXT) AS agent, 0 AS way FROM ${facts} WHERE 0;
    INSERT INTO ${asked} SELECT ${text}, ${text}, 1 ${ids};
    INSERT INTO ${asked} SELECT t."agent_id", ${text}, 2 ${ids};
    CREATE TEMP TABLE "agents_of_${table}" AS SELECT name, agent FROM ${asked}
      GROUP BY agent COLLATE BINARY, name COLLATE BINARY HAVING count(DISTINCT way) >= ${table === 'violations' ? 1 : 2};
    DROP TABLE ${asked};
  `);
}
