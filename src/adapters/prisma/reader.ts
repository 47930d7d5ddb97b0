import type { AgentRecord, FactsRequest, Measures, PastAgent } from '../../app/ports/agents.ts';
import type { StoredEntry } from '../../app/ports/ledger.ts';
import type { CastVote, InvolvedPair, Involvement } from '../../app/ports/people.ts';
import type { Reader } from '../../app/ports/store.ts';
import type { VaultRecord } from '../../app/ports/vault-records.ts';
import { GENESIS } from '../../governance/ledger/chain.ts';
import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import { PROMOTION_STATUSES, type PromotionStatus } from '../../governance/evaluation.ts';
import type { Facts } from '../../governance/facts.ts';
import { adoptedPolicy, type ApproverRole, type Policy } from '../../governance/policy.ts';
import { TIERS, type Tier } from '../../governance/tier.ts';
import { agentRecord, selectAgents } from './agent-rows.ts';
import { entryOfText } from './erasure.ts';
import { CLOCK_COLUMNS, storedAnchor } from './clock-anchor.ts';
import { facts } from './facts.ts';
import { pastAgents } from './past-agents.ts';
import { integer, integerOrNull, text, textOrNull, type Raw, type RawRow } from './raw.ts';
import { vaultRecords } from './vault-records.ts';

const NEXT_CHANGE = 'SELECT min(changes_at) AS next FROM agents WHERE changes_at IS NOT NULL';

/** Reads over one connection: the reader's own, or a write transaction's. */
export class PrismaReader implements Reader {
  constructor(
    protected readonly db: Raw,
    /** Policies never change under their digest, so every reader shares what was parsed once. */
    private readonly policies: Map<string, Policy>,
  ) {}

  protected query(sql: string, ...values: readonly unknown[]): Promise<RawRow[]> {
    return this.db.$queryRawUnsafe<RawRow[]>(sql, ...values);
  }

  async head() {
    const [row = {}] = await this.query(
      'SELECT seq, hash, recorded_at, policy_digest FROM ledger_head WHERE id = 1',
    );
    return storedHead(row);
  }

  async clockAnchor() {
    const [row = {}] = await this.query(`SELECT ${CLOCK_COLUMNS} FROM ledger_head WHERE id = 1`);
    return storedAnchor(row);
  }

  async standing() {
    const [row = {}] = await this.query(
      `SELECT seq, hash, recorded_at, policy_digest, (${NEXT_CHANGE}) AS next FROM ledger_head WHERE id = 1`,
    );
    return { ...storedHead(row), nextChange: integerOrNull(row.next) };
  }

  /** Each tier and status is a stretch of one index, and the rest the first row of another. */
  async measures(): Promise<Measures> {
    const [row = {}] = await this.query(
      `SELECT seq, (${NEXT_CHANGE}) AS next, (SELECT min(opened_at) FROM candidacies WHERE state = 'OPEN') AS oldest
       FROM ledger_head WHERE id = 1`,
    );
    const counts = await this.query(
      `SELECT t.value AS tier, s.value AS status, (SELECT count(*) FROM agents
         WHERE tier = t.value AND status = s.value AND retired_at IS NULL) AS count
       FROM json_each(?) t, json_each(?) s`,
      ...[TIERS, PROMOTION_STATUSES].map((names) => JSON.stringify(names)),
    );
    return {
      seq: integer(row.seq),
      nextChange: integerOrNull(row.next),
      oldestCandidacy: integerOrNull(row.oldest),
      agents: counts.map(({ tier, status, count }) => ({
        tier: text(tier) as Tier,
        status: text(status) as PromotionStatus,
        count: integer(count),
      })),
    };
  }

  async agents(agentIds: readonly string[]): Promise<ReadonlyMap<string, AgentRecord>> {
    if (agentIds.length === 0) return new Map();
    const where = 'WHERE a.agent_id IN (SELECT value FROM json_each(?))';
    const rows = await this.query(selectAgents(where), JSON.stringify(agentIds));
    return new Map(rows.map((row) => [text(row.agent_id), agentRecord(row)]));
  }

  facts(requests: readonly FactsRequest[]): Promise<readonly Facts[]> {
    return facts(this.db, requests);
  }

  statesAt(agentIds: readonly string[], asOf: number): Promise<ReadonlyMap<string, PastAgent>> {
    return pastAgents(this.db, agentIds, asOf);
  }

  async policy(digest: string): Promise<Policy | null> {
    const parsed = this.policies.get(digest);
    if (parsed !== undefined) return parsed;
    const [row] = await this.query('SELECT body FROM policies WHERE digest = ?', digest);
    if (row === undefined) return null;
    const policy = adoptedPolicy(JSON.parse(text(row.body)));
    this.policies.set(digest, policy);
    return policy;
  }

  async agentsAfter(agentId: string, limit: number): Promise<readonly AgentRecord[]> {
    const where = 'WHERE a.agent_id > ? ORDER BY a.agent_id LIMIT ?';
    return (await this.query(selectAgents(where), agentId, limit)).map(agentRecord);
  }

  async dueAgents(now: number, limit: number): Promise<readonly AgentRecord[]> {
    const where = 'WHERE a.changes_at IS NOT NULL AND a.changes_at <= ? ORDER BY a.changes_at LIMIT ?';
    return (await this.query(selectAgents(where), now, limit)).map(agentRecord);
  }

  async nextChange(): Promise<number | null> {
    const [row] = await this.query(NEXT_CHANGE);
    return integerOrNull(row?.next);
  }

  async knownKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const sql = 'SELECT id, key FROM principals WHERE id IN (SELECT value FROM json_each(?))';
    const rows = await this.query(sql, JSON.stringify(ids));
    return new Map(rows.map((row) => [text(row.id), text(row.key)]));
  }

  async involvements(pairs: readonly InvolvedPair[]): Promise<readonly Involvement[]> {
    if (pairs.length === 0) return [];
    const rows = await this.query(
      `SELECT EXISTS (SELECT 1 FROM recorders r WHERE r.agent_id = p.value ->> 0
           AND r.principal_key = p.value ->> 1) AS recorded,
         EXISTS (SELECT 1 FROM former_owners f WHERE f.agent_id = p.value ->> 0
           AND f.principal_key = p.value ->> 1 AND f.until_seq > p.value ->> 2) AS owned
       FROM json_each(?) p ORDER BY p.key`,
      JSON.stringify(pairs.map(({ agentId, principalKey, since }) => [agentId, principalKey, since])),
    );
    return rows.map((row) => ({ recorded: Number(row.recorded) === 1, owned: Number(row.owned) === 1 }));
  }

  async votes(candidacies: readonly number[]): Promise<ReadonlyMap<number, readonly CastVote[]>> {
    const votes = new Map<number, CastVote[]>(candidacies.map((seq) => [seq, []]));
    if (candidacies.length === 0) return votes;
    const rows = await this.query(
      `SELECT a.candidacy_seq, a.seq, a.principal_key, a.role FROM approvals a
       JOIN principals p ON p.key = a.principal_key AND p.id IS NOT NULL
       WHERE a.candidacy_seq IN (SELECT value FROM json_each(?)) ORDER BY a.seq`,
      JSON.stringify(candidacies),
    );
    for (const row of rows)
      votes.get(integer(row.candidacy_seq))?.push({
        seq: integer(row.seq),
        principalKey: text(row.principal_key),
        role: text(row.role) as ApproverRole,
      });
    return votes;
  }

  async entriesAfter(seq: number, limit: number, type?: LedgerEntryType): Promise<readonly StoredEntry[]> {
    const rows = await this.query(
      `SELECT seq, type, at, recorded_at, agent_id, actor_key, hash, payload FROM ledger_entries
       WHERE seq > ? ${type === undefined ? '' : 'AND type = ?'} ORDER BY seq LIMIT ?`,
      seq,
      ...(type === undefined ? [] : [type]),
      limit,
    );
    return rows.map(storedEntry);
  }

  vaultRecords(agentIds: readonly string[]): Promise<ReadonlyMap<string, VaultRecord>> {
    return vaultRecords(this.db, agentIds);
  }

  entryOfText(textId: string): Promise<number | null> {
    return entryOfText(this.db, textId);
  }

  async hashAt(seq: number): Promise<string | null> {
    if (seq === 0) return GENESIS.slice(0, 8);
    const [row] = await this.query(
      'SELECT substr(hash, 1, 8) AS hash FROM ledger_entries WHERE seq = ?',
      seq,
    );
    return textOrNull(row?.hash);
  }
}

/** The head in a row of ledger_head. */
export function storedHead(row: RawRow) {
  return {
    seq: integer(row.seq),
    hash: text(row.hash),
    recordedAt: integer(row.recorded_at),
    policyDigest: textOrNull(row.policy_digest),
  };
}

function storedEntry(row: RawRow): StoredEntry {
  return {
    seq: integer(row.seq),
    type: text(row.type) as LedgerEntryType,
    at: integer(row.at),
    recordedAt: integer(row.recorded_at),
    agentId: textOrNull(row.agent_id),
    actorKey: text(row.actor_key),
    hash: text(row.hash),
    payload: JSON.parse(text(row.payload)) as StoredEntry['payload'],
  } as StoredEntry;
}
