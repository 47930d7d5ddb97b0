import type { Asking, Deliveries, Delivery } from '../../app/ports/deliveries.ts';
import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import { integer, text, textOrNull, type Raw, type RawRow } from './raw.ts';

/** The columns of a delivery, in the order of `deliveryOf`. */
export const DELIVERY_COLUMNS =
  'follower, key, agent_id, seq, since, rank, progress, due_at, attempts, error, dead';

/**
 * Newer entries win, and begin anew. What an earlier one had begun goes on, unless this one lowers: `since` is then that of
 * this one, so that what lowers is not taken for older than it is.
 */
const ASK = `INSERT INTO deliveries (${DELIVERY_COLUMNS})
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, NULL, ?, 0, NULL, false
  FROM json_each(?) WHERE true
  ON CONFLICT (follower, key) DO UPDATE SET seq = excluded.seq, attempts = 0, error = NULL, dead = false,
    since = CASE WHEN excluded.rank < deliveries.rank THEN excluded.since ELSE deliveries.since END,
    progress = CASE WHEN excluded.rank = 0 THEN NULL ELSE deliveries.progress END,
    due_at = CASE WHEN excluded.rank = 0 OR deliveries.progress IS NULL THEN excluded.due_at ELSE deliveries.due_at END,
    rank = min(excluded.rank, deliveries.rank)
  WHERE excluded.seq >= deliveries.seq`;

/** The rows of deliveries, over one connection. */
export class PrismaDeliveries implements Deliveries {
  constructor(private readonly db: Raw) {}

  async holds(follower: string, holder: string, now: number): Promise<boolean> {
    const sql = 'SELECT 1 FROM followers WHERE name = ? AND holder = ? AND held_until > ?';
    return (await this.db.$queryRawUnsafe<RawRow[]>(sql, follower, holder, now)).length > 0;
  }

  async find(follower: string, keys: readonly string[]): Promise<ReadonlyMap<string, Delivery>> {
    const rows = await this.db.$queryRawUnsafe<RawRow[]>(
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE follower = ? AND key IN (SELECT value FROM json_each(?))`,
      follower,
      JSON.stringify(keys),
    );
    return new Map(rows.map((row) => [text(row.key), deliveryOf(row)]));
  }

  async unread(
    follower: string,
    types: readonly LedgerEntryType[],
    agentIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await this.db.$queryRawUnsafe<RawRow[]>(
      `SELECT a.value AS agent_id FROM json_each(?) a WHERE EXISTS (SELECT 1 FROM ledger_entries
         WHERE agent_id = a.value AND seq > (SELECT position FROM followers WHERE name = ?)
           AND type IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(agentIds),
      follower,
      JSON.stringify(types),
    );
    return new Set(rows.map((row) => text(row.agent_id)));
  }

  async ask(follower: string, asking: readonly Asking[], dueAt: number): Promise<void> {
    if (asking.length === 0) return;
    // A statement may touch a row once: of the entries of one key, the newest asks, and lowers if any of them does.
    const byKey = new Map<string, Asking>();
    for (const each of asking) {
      const before = byKey.get(each.key);
      const urgent = each.urgent || before?.urgent === true;
      byKey.set(each.key, { ...each, urgent, decidedAt: before?.decidedAt ?? each.decidedAt });
    }
    const rows = [...byKey.values()].map(({ key, agentId, entrySeq, decidedAt, urgent }) => [
      key,
      agentId,
      entrySeq,
      decidedAt,
      urgent ? 0 : 1,
    ]);
    await this.db.$executeRawUnsafe(ASK, follower, dueAt, JSON.stringify(rows));
  }

  async keep(delivery: Delivery): Promise<void> {
    await this.db.$executeRawUnsafe(
      `UPDATE deliveries SET rank = ?, progress = ?, due_at = ?, attempts = ?, error = ?, dead = ?
       WHERE follower = ? AND key = ? AND seq = ?`,
      delivery.urgent ? 0 : 1,
      delivery.progress,
      delivery.dueAt,
      delivery.attempts,
      delivery.error,
      delivery.dead,
      delivery.follower,
      delivery.key,
      delivery.entrySeq,
    );
  }

  async drop({ follower, key, entrySeq }: Delivery): Promise<void> {
    const sql = 'DELETE FROM deliveries WHERE follower = ? AND key = ? AND seq = ?';
    await this.db.$executeRawUnsafe(sql, follower, key, entrySeq);
  }
}

/** A delivery from its row. */
export function deliveryOf(row: RawRow): Delivery {
  return {
    follower: text(row.follower),
    key: text(row.key),
    agentId: textOrNull(row.agent_id),
    entrySeq: integer(row.seq),
    decidedAt: integer(row.since),
    urgent: integer(row.rank) === 0,
    progress: textOrNull(row.progress),
    dueAt: integer(row.due_at),
    attempts: integer(row.attempts),
    error: textOrNull(row.error),
    dead: Boolean(Number(row.dead)),
  };
}
