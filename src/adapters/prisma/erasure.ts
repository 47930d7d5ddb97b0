import type { ErasableText } from '../../app/ports/people.ts';
import { textsOf } from '../../governance/ledger/proof.ts';
import type { PrincipalKind } from '../../governance/principals/principal.ts';
import { integer, integerOrNull, text, textOrNull, type Raw, type RawRow } from './raw.ts';

/** The entry that refers to a text, in its payload or by its violation; null if none does. It may read all of them. */
export async function entryOfText(db: Raw, id: string): Promise<number | null> {
  const [row] = await db.$queryRawUnsafe<RawRow[]>(
    `SELECT seq FROM violations WHERE description_id = ?
     UNION ALL SELECT seq FROM ledger_entries WHERE type <> 'TEXT_ERASED' AND instr(payload, ?) > 0
       AND EXISTS (SELECT 1 FROM texts WHERE id = ?) LIMIT 1`,
    id,
    `"id":${JSON.stringify(id)}`,
    id,
  );
  return integerOrNull(row?.seq);
}

/** The text that an entry refers to; null if it refers to none, or is none. */
export async function textOfEntry(db: Raw, seq: number): Promise<ErasableText | null> {
  const [entry] = await db.$queryRawUnsafe<RawRow[]>(
    `SELECT e.agent_id, e.actor_key, e.recorded_at, e.payload, v.description_id FROM ledger_entries e
     LEFT JOIN violations v ON v.seq = e.seq WHERE e.seq = ?`,
    seq,
  );
  if (entry === undefined) return null;
  const [reference] = textsOf(JSON.parse(text(entry.payload)) as object);
  const id = textOrNull(entry.description_id) ?? reference?.id;
  if (id === undefined) return null;
  const [row] = await db.$queryRawUnsafe<RawRow[]>(
    'SELECT body IS NULL AS blank FROM texts WHERE id = ?',
    id,
  );
  if (row === undefined) return null;
  return {
    id,
    seq,
    agentId: textOrNull(entry.agent_id),
    actorKey: text(entry.actor_key),
    recordedAt: integer(entry.recorded_at),
    blank: Boolean(Number(row.blank)),
  };
}

/** Blanks a text, and whatever else it could be guessed from: the salts and digests that tell repetitions. */
export async function blankText(db: Raw, erased: ErasableText): Promise<void> {
  const { id, seq, actorKey, recordedAt } = erased;
  await db.$executeRawUnsafe('UPDATE texts SET body = NULL, salt = NULL WHERE id = ?', id);
  await db.$executeRawUnsafe(
    `UPDATE runs SET sent_salt = NULL WHERE seq = (SELECT run_seq FROM violations WHERE seq = ? AND violation_id IS NULL)`,
    seq,
  );
  await db.$executeRawUnsafe('UPDATE violations SET sent_digest = NULL, sent_salt = NULL WHERE seq = ?', seq);
  // Whoever repeats the command finds its key spent on something else, rather than doing it again.
  await db.$executeRawUnsafe(
    `UPDATE idempotency_keys SET input_digest = '' WHERE principal_key = ? AND created_at = ?`,
    actorKey,
    recordedAt,
  );
}

/** Who is known by an id. */
export async function principalOf(
  db: Raw,
  id: string,
): Promise<{ readonly key: string; readonly kind: PrincipalKind } | null> {
  const [row] = await db.$queryRawUnsafe<RawRow[]>('SELECT key, kind FROM principals WHERE id = ?', id);
  return row === undefined ? null : { key: text(row.key), kind: text(row.kind) as PrincipalKind };
}

/** Blanks a principal's name and salt: its key then leads nowhere. */
export async function blankPrincipal(db: Raw, key: string): Promise<void> {
  await db.$executeRawUnsafe('UPDATE principals SET id = NULL, salt = NULL WHERE key = ?', key);
}
