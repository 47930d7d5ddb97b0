import type { PastAgent } from '../../app/ports/agents.ts';
import type { AgentState } from '../../governance/agent-state.ts';
import type { EntryPayloads } from '../../governance/ledger/entries.ts';
import { importedTenureAt } from '../../governance/import/imported-history.ts';
import { integer, integerOrNull, text, textOrNull, type Raw, type RawRow } from './raw.ts';

/** The condition of the partial index that serves this: every entry that carries an agent's state after it. */
const STATE_ENTRY = `type IN ('AGENT_REGISTERED','AGENT_IMPORTED','RUN_RECORDED','VIOLATION_REPORTED','PROMOTION_DENIED','AGENT_PROMOTED','AGENT_REVOKED','AGENT_REINSTATED')`;

const STATES = `SELECT r.agent_id,
    (SELECT payload FROM ledger_entries e WHERE e.agent_id = r.agent_id AND e.${STATE_ENTRY} AND e.recorded_at <= r.as_of
      ORDER BY e.recorded_at DESC, e.seq DESC LIMIT 1) AS payload,
    (SELECT seq FROM candidacies c WHERE c.agent_id = r.agent_id AND c.opened_at <= r.as_of
      AND (c.closed_at IS NULL OR c.closed_at > r.as_of) ORDER BY c.seq DESC LIMIT 1) AS candidacy
  FROM (SELECT value ->> 0 AS agent_id, value ->> 1 AS as_of FROM json_each(?)) r`;

const IMPORTED = `SELECT e.agent_id, e.type, e.at, e.payload FROM json_each(?) r
  JOIN ledger_entries e ON e.agent_id = r.value AND e.to_tier IS NOT NULL
  WHERE e.recorded_at > ? ORDER BY e.seq`;

/** The state and open candidacy of agents at an instant: that of the last entry recorded by then. */
export async function pastAgents(
  db: Raw,
  agentIds: readonly string[],
  asOf: number,
): Promise<ReadonlyMap<string, PastAgent>> {
  const rows = await db.$queryRawUnsafe<RawRow[]>(
    STATES,
    JSON.stringify(agentIds.map((agentId) => [agentId, asOf])),
  );
  const past = new Map<string, PastAgent>();
  for (const row of rows) {
    const payload = textOrNull(row.payload);
    if (payload === null) continue;
    const { after } = JSON.parse(payload) as { readonly after: AgentState };
    past.set(text(row.agent_id), { state: after, candidacy: integerOrNull(row.candidacy) });
  }
  const unknown = agentIds.filter((agentId) => !past.has(agentId));
  return unknown.length === 0 ? past : new Map([...past, ...(await importedAgents(db, unknown, asOf))]);
}

/** Before its import, an imported agent has its imported counters, and the tier and the time at it that its promotions tell. */
async function importedAgents(
  db: Raw,
  agentIds: readonly string[],
  asOf: number,
): Promise<readonly (readonly [string, PastAgent])[]> {
  const rows = await db.$queryRawUnsafe<RawRow[]>(IMPORTED, JSON.stringify(agentIds), asOf);
  return agentIds.flatMap((agentId) => {
    const own = rows.filter((row) => row.agent_id === agentId);
    const base = own.findIndex((row) => row.type === 'AGENT_IMPORTED');
    const imported = own[base];
    if (imported === undefined) return [];
    const { after } = JSON.parse(text(imported.payload)) as EntryPayloads['AGENT_IMPORTED'];
    const promotions = own.slice(0, base).map((row) => ({
      ...(JSON.parse(text(row.payload)) as EntryPayloads['AGENT_PROMOTED']),
      at: integer(row.at),
    }));
    const { tier, tierSince } = importedTenureAt(promotions, after, asOf);
    return [[agentId, { state: { ...after, tier, tierSince }, candidacy: null }] as const];
  });
}
