import type { StoredEntry } from '../../app/ports/ledger.ts';
import type { VaultEntry, VaultRecord } from '../../app/ports/vault-records.ts';
import { deliveryOf, DELIVERY_COLUMNS } from './deliveries.ts';
import { integer, text, type Raw, type RawRow } from './raw.ts';

/** Each is the last row of a stretch of a partial index. */
const NEWEST = `(SELECT max(seq) FROM ledger_entries WHERE agent_id = a.value
  AND type IN ('VAULT_CONFIRMED', 'VAULT_FAILED', 'VAULT_DRIFTED'))`;
const CONFIRMED = `(SELECT max(seq) FROM ledger_entries WHERE agent_id = a.value AND type = 'VAULT_CONFIRMED')`;

/** What the ledger knows of agents in Vault: the newest entry about each, the newest that confirmed, and what is pending. */
export async function vaultRecords(
  db: Raw,
  agentIds: readonly string[],
): Promise<ReadonlyMap<string, VaultRecord>> {
  if (agentIds.length === 0) return new Map();
  const names = JSON.stringify(agentIds);
  const found = await db.$queryRawUnsafe<RawRow[]>(
    `SELECT a.value AS agent_id, e.seq, e.type, e.at, e.payload, e.seq = n.newest AS is_newest
     FROM json_each(?) a JOIN (SELECT value, ${NEWEST} AS newest, ${CONFIRMED} AS confirmed FROM json_each(?) a) n
       ON n.value = a.value
     JOIN ledger_entries e ON e.seq IN (n.newest, n.confirmed)`,
    names,
    names,
  );
  const pending = await db.$queryRawUnsafe<RawRow[]>(
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE follower = 'vault' AND key IN (SELECT value FROM json_each(?))`,
    names,
  );
  const records = new Map<string, VaultRecord>(
    agentIds.map((agentId) => [agentId, { last: null, confirmed: null, pending: null }]),
  );
  const add = (agentId: string, more: Partial<VaultRecord>) => {
    const before = records.get(agentId);
    if (before !== undefined) records.set(agentId, { ...before, ...more });
  };
  for (const row of found) {
    const entry = vaultEntryOf(row);
    if (Number(row.is_newest) === 1) add(text(row.agent_id), { last: entry });
    if (entry.type === 'VAULT_CONFIRMED') add(text(row.agent_id), { confirmed: entry });
  }
  for (const row of pending) add(text(row.key), { pending: deliveryOf(row) });
  return records;
}

function vaultEntryOf(row: RawRow): VaultEntry {
  const type = text(row.type) as VaultEntry['type'];
  const payload = JSON.parse(text(row.payload)) as StoredEntry['payload'];
  return { seq: integer(row.seq), at: integer(row.at), type, payload } as VaultEntry;
}
