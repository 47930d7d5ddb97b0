import type {
  Advance,
  BreakerState,
  Delivery,
  FollowedEntry,
  FollowerRecord,
  FollowerStanding,
  FollowerStore,
} from '../../app/ports/deliveries.ts';
import type { LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { Database } from './database.ts';
import { DELIVERY_COLUMNS, deliveryOf, PrismaDeliveries } from './deliveries.ts';
import { integer, integerOrNull, text, textOrNull, type Raw, type RawRow } from './raw.ts';

/** Nothing is put off for longer, in milliseconds: what seems to be is due, because the clock was put back. */
const FURTHEST = 5_000;

const FOLLOWER = 'name, position, holder, held_until, breaker, last_error, unknown';

const ADVANCE = `INSERT INTO followers (${FOLLOWER}) VALUES (?, ?, ?, ?, 'CLOSED', NULL, '[]')
  ON CONFLICT (name) DO UPDATE SET position = max(followers.position, excluded.position),
    holder = excluded.holder, held_until = excluded.held_until
  WHERE followers.holder = excluded.holder OR followers.held_until <= ? OR followers.held_until > ?
  RETURNING ${FOLLOWER}`;

const STANDINGS = `SELECT ${FOLLOWER}, (SELECT seq FROM ledger_head) - position AS lag,
    (SELECT count(*) FROM deliveries d WHERE d.follower = f.name AND dead = false) AS pending,
    (SELECT min(since) FROM deliveries d WHERE d.follower = f.name AND dead = false) AS oldest,
    (SELECT min(since) FROM deliveries d WHERE d.follower = f.name AND dead = false AND rank = 0) AS oldest_urgent,
    (SELECT count(*) FROM deliveries d WHERE d.follower = f.name AND dead) AS dead
  FROM followers f ORDER BY name`;

/** Followers in a database: each write is a small transaction whose first statement takes the follower's own row. */
export class PrismaFollowerStore implements FollowerStore {
  constructor(private readonly database: Database) {}

  advance({
    name,
    holder,
    now,
    heldUntil,
    voidAfter,
    position,
    asking,
  }: Advance): Promise<FollowerRecord | null> {
    return this.database.transaction(
      (tx) => rows(tx, ADVANCE, name, position, holder, heldUntil, now, voidAfter),
      async (tx, [row]) => {
        if (row === undefined) return null;
        await new PrismaDeliveries(tx).ask(name, asking, now);
        return followerOf(row);
      },
    );
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#write(
      'UPDATE followers SET holder = NULL, held_until = 0 WHERE name = ? AND holder = ?',
      name,
      holder,
    );
  }

  async follower(name: string): Promise<FollowerRecord | null> {
    const [row] = await this.#read(`SELECT ${FOLLOWER} FROM followers WHERE name = ?`, name);
    return row === undefined ? null : followerOf(row);
  }

  async entries(
    types: readonly LedgerEntryType[],
    { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
  ): Promise<readonly FollowedEntry[]> {
    const found = await this.#read(
      `SELECT seq, type, recorded_at, agent_id FROM ledger_entries
       WHERE type IN (SELECT value FROM json_each(?)) AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
      JSON.stringify(types),
      after,
      upTo,
      limit,
    );
    return found.map((row) => ({
      seq: integer(row.seq),
      type: text(row.type) as LedgerEntryType,
      recordedAt: integer(row.recorded_at),
      agentId: textOrNull(row.agent_id),
    }));
  }

  async due(name: string, now: number, limit: number): Promise<readonly Delivery[]> {
    const found = await this.#read(
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries d
       WHERE follower = ? AND dead = false AND (due_at <= ? OR due_at > ?) AND NOT EXISTS (SELECT 1 FROM deliveries e
         WHERE e.follower = d.follower AND e.agent_id = d.agent_id AND e.dead = false AND e.seq < d.seq)
       ORDER BY rank, attempts, seq LIMIT ?`,
      name,
      now,
      now + FURTHEST,
      limit,
    );
    return found.map(deliveryOf);
  }

  async nextDue(name: string, after: number): Promise<number | null> {
    const sql =
      'SELECT min(due_at) AS due FROM deliveries WHERE follower = ? AND dead = false AND due_at > ?';
    const [row] = await this.#read(sql, name, after);
    return integerOrNull(row?.due);
  }

  async keep(delivery: Delivery): Promise<void> {
    await this.database.transaction(
      (tx) => new PrismaDeliveries(tx).keep(delivery),
      () => Promise.resolve(),
    );
  }

  async report(
    name: string,
    { breaker, lastError, unknown }: Parameters<FollowerStore['report']>[1],
  ): Promise<void> {
    await this.#write(
      `UPDATE followers SET breaker = coalesce(?, breaker), unknown = coalesce(?, unknown),
         last_error = CASE WHEN ? THEN ? ELSE last_error END WHERE name = ?`,
      breaker ?? null,
      unknown === undefined ? null : JSON.stringify(unknown),
      lastError !== undefined,
      lastError ?? null,
      name,
    );
  }

  async standings(): Promise<readonly FollowerStanding[]> {
    const found = await this.#read(STANDINGS);
    return found.map((row) => ({
      ...followerOf(row),
      lag: Math.max(0, integer(row.lag)),
      pending: integer(row.pending),
      oldest: integerOrNull(row.oldest),
      oldestUrgent: integerOrNull(row.oldest_urgent),
      dead: integer(row.dead),
    }));
  }

  async deadLetters(name: string, limit: number): Promise<readonly Delivery[]> {
    const found = await this.#read(
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE follower = ? AND dead = true ORDER BY rank, attempts, seq LIMIT ?`,
      name,
      limit,
    );
    return found.map(deliveryOf);
  }

  revive(name: string, key: string | null, now: number): Promise<number> {
    return this.#write(
      `UPDATE deliveries SET dead = false, attempts = 0, error = NULL, due_at = ?
       WHERE follower = ? AND dead = true AND (? IS NULL OR key = ?)`,
      now,
      name,
      key,
      key,
    );
  }

  #read(sql: string, ...values: readonly unknown[]): Promise<RawRow[]> {
    return rows(this.database.reader, sql, ...values);
  }

  #write(sql: string, ...values: readonly unknown[]): Promise<number> {
    return this.database.transaction(
      (tx) => tx.$executeRawUnsafe(sql, ...values),
      (_tx, changed) => Promise.resolve(changed),
    );
  }
}

function rows(db: Raw, sql: string, ...values: readonly unknown[]): Promise<RawRow[]> {
  return db.$queryRawUnsafe<RawRow[]>(sql, ...values);
}

function followerOf(row: RawRow): FollowerRecord {
  return {
    name: text(row.name),
    position: integer(row.position),
    holder: textOrNull(row.holder),
    heldUntil: integer(row.held_until),
    breaker: text(row.breaker) as BreakerState,
    lastError: textOrNull(row.last_error),
    unknown: JSON.parse(text(row.unknown)) as string[],
  };
}
