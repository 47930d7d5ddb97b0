import type { AgentRecord, CountRequest, FactsRequest } from '../../app/ports/agents.ts';
import type { ErasableText } from '../../app/ports/people.ts';
import type { Sent } from '../../app/ports/repetitions.ts';
import type { WriteTransaction } from '../../app/ports/store.ts';
import type { Ids } from '../../app/ports/world.ts';
import type { Rows } from '../../app/rows.ts';
import type { CandidacyState } from '../../governance/candidacy.ts';
import { chain, type ChainedEntry, type Head } from '../../governance/ledger/chain.ts';
import type { ClockAnchor, ClockDoubt } from '../../governance/clock-witness.ts';
import type { NewEntry } from '../../governance/ledger/entries.ts';
import type { Facts } from '../../governance/facts.ts';
import type { Policy } from '../../governance/policy.ts';
import type { PrincipalKind } from '../../governance/principals/principal.ts';
import { principalKey } from '../../governance/principals/principal-key.ts';
import { keepAnchor } from './clock-anchor.ts';
import { PrismaDeliveries } from './deliveries.ts';
import { blankPrincipal, blankText, principalOf, textOfEntry } from './erasure.ts';
import type { Table } from './inserts.ts';
import { KEPT_FOR, PendingWrites } from './pending-writes.ts';
import { integer, text, textOrNull, type Raw, type RawRow } from './raw.ts';
import { PrismaReader } from './reader.ts';
import { unconsumed } from './unconsumed.ts';

const MINUTE = 60_000;

/** What a transaction begins with: the head as the lock found it, and the policy in force. */
export interface Beginning {
  readonly head: Head & { readonly policyDigest: string | null };
  readonly now: number;
  readonly doubt: ClockDoubt | null;
  /** A reading of both clocks to keep, or null. */
  readonly anchor: ClockAnchor | null;
  readonly policy: Policy | null;
  readonly policies: Map<string, Policy>;
  readonly ids: Ids;
  /** The keys of those who act, as they were read under this lock: the commands of a group share them. */
  readonly actors: Map<string, string>;
}

/** A write transaction over Prisma's: entries are chained in memory, and everything is written set-wise. */
export class PrismaWriteTransaction extends PrismaReader implements WriteTransaction {
  readonly now: number;
  readonly doubt: ClockDoubt | null;
  readonly deliveries: PrismaDeliveries;
  #head: Beginning['head'];
  #policy: Policy | null;
  readonly #pending: PendingWrites;

  constructor(
    db: Raw,
    private readonly beginning: Beginning,
  ) {
    super(db, beginning.policies);
    this.deliveries = new PrismaDeliveries(db);
    this.#head = beginning.head;
    this.#policy = beginning.policy;
    this.now = Math.max(beginning.now, beginning.head.recordedAt);
    this.doubt = beginning.doubt;
    this.#pending = new PendingWrites(db, this.now);
  }

  get inForce(): Policy {
    if (this.#policy === null) throw new Error('No policy has been adopted yet.');
    return this.#policy;
  }

  override head(): Promise<Beginning['head']> {
    return Promise.resolve(this.#head);
  }

  nextSeq(): number {
    return this.#head.seq + 1;
  }

  append(entry: NewEntry): ChainedEntry {
    const chained = chain(this.#head, entry, this.now);
    this.#pending.append(chained);
    this.#head = { ...this.#head, seq: chained.seq, hash: chained.hash, recordedAt: chained.recordedAt };
    return chained;
  }

  insert<T extends Table>(table: T, row: Rows[T]): void {
    this.#pending.insert(table, row);
  }

  saveAgent(agent: AgentRecord): void {
    this.#pending.saveAgent(agent);
  }

  closeCandidacy(seq: number, state: Exclude<CandidacyState, 'OPEN'>, closedBy: ChainedEntry): void {
    this.#pending.closeCandidacy(seq, state, closedBy);
  }

  spoilRun(seq: number): void {
    this.#pending.spoilRun(seq);
  }

  adoptPolicy(policy: Policy): void {
    this.#policy = policy;
    this.#head = { ...this.#head, policyDigest: policy.digest };
  }

  flush(): Promise<void> {
    return this.#pending.flush();
  }

  /** Takes over where the commands of a group have brought the chain. */
  advanceTo(head: Beginning['head']): void {
    this.#head = head;
  }

  /** Goes back to where it began: its savepoint was rolled back. */
  abandon(): void {
    this.#head = this.beginning.head;
    this.beginning.actors.clear();
  }

  /** Writes what is left, then where the chain now ends. */
  async end(): Promise<void> {
    const { head: before, anchor } = this.beginning;
    await this.flush();
    if (anchor !== null) await this.#execute(...keepAnchor(anchor));
    const { seq, hash, recordedAt, policyDigest } = this.#head;
    if (seq === before.seq && policyDigest === before.policyDigest) return;
    await this.#execute(
      'UPDATE ledger_head SET seq = ?, hash = ?, recorded_at = ?, policy_digest = ? WHERE id = 1',
      seq,
      hash,
      recordedAt,
      policyDigest,
    );
  }

  override async facts(requests: readonly FactsRequest[]): Promise<readonly Facts[]> {
    if (this.#pending.hasFacts) await this.flush();
    return super.facts(requests);
  }

  async principalKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(ids)];
    const keys = new Map(await this.knownKeys(wanted));
    for (const id of wanted) if (!keys.has(id)) keys.set(id, this.#newPrincipal(id, 'PERSON'));
    return keys;
  }

  async actorKey({ id, kind }: { readonly id: string; readonly kind: PrincipalKind }): Promise<string> {
    const { actors } = this.beginning;
    const name = `${kind} ${id}`;
    const known = actors.get(name);
    if (known !== undefined) return known;
    const [row] = await this.query('SELECT key, kind FROM principals WHERE id = ?', id);
    if (row === undefined) return this.#newPrincipal(id, kind);
    if (row.kind !== kind) {
      actors.clear();
      await this.#execute('UPDATE principals SET kind = ? WHERE id = ?', kind, id);
    } else actors.set(name, text(row.key));
    return text(row.key);
  }

  async runs(keys: readonly { readonly agentId: string; readonly runId: string }[]) {
    if (keys.length === 0) return [];
    const rows = await this.query(
      `SELECT k.key AS place, r.seq, r.compliant, r.sent_digest, r.sent_salt FROM json_each(?) k
       JOIN runs r ON r.agent_id = k.value ->> 0 AND r.run_id = k.value ->> 1`,
      JSON.stringify(keys.map(({ agentId, runId }) => [agentId, runId])),
    );
    const found = new Map(rows.map((row) => [integer(row.place), sent(row)]));
    return keys.map((_, index) => found.get(index) ?? null);
  }

  async violation(agentId: string, violationId: string): Promise<Sent | null> {
    const [row] = await this.query(
      'SELECT seq, 0 AS compliant, sent_digest, sent_salt FROM violations WHERE agent_id = ? AND violation_id = ?',
      agentId,
      violationId,
    );
    return row === undefined ? null : sent(row);
  }

  unconsumed(requests: readonly CountRequest[]): Promise<readonly number[]> {
    return unconsumed(this.db, requests);
  }

  async spentKey(principalKey: string, mutation: string, key: string) {
    const [row] = await this.query(
      `SELECT input_digest, outcome FROM idempotency_keys
       WHERE principal_key = ? AND mutation = ? AND key = ? AND created_at > ?`,
      principalKey,
      mutation,
      key,
      this.now - KEPT_FOR,
    );
    return row === undefined ? null : { inputDigest: text(row.input_digest), outcome: text(row.outcome) };
  }

  textOfEntry(seq: number): Promise<ErasableText | null> {
    return textOfEntry(this.db, seq);
  }

  blankText(erased: ErasableText): Promise<void> {
    return blankText(this.db, erased);
  }

  principal(id: string) {
    return principalOf(this.db, id);
  }

  blankPrincipal(key: string): Promise<void> {
    return blankPrincipal(this.db, key);
  }

  async admitsRefusal(principalKey: string, agentId: string | null, code: string): Promise<boolean> {
    const rows = await this.query(
      `INSERT INTO refusals (principal_key, agent_id, code, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (principal_key, agent_id, code) DO UPDATE SET at = excluded.at
       WHERE refusals.at <= excluded.at - ${MINUTE} RETURNING at`,
      principalKey,
      agentId ?? '',
      code,
      this.now,
    );
    return rows.length > 0;
  }

  #newPrincipal(id: string, kind: PrincipalKind): string {
    const key = this.#pending.keyOf(id);
    if (key !== undefined) return key;
    const salt = this.beginning.ids.next();
    const row = { key: principalKey(salt, id), id, salt, kind };
    this.insert('principals', row);
    return row.key;
  }

  #execute(sql: string, ...values: readonly unknown[]): Promise<number> {
    return this.db.$executeRawUnsafe(sql, ...values);
  }
}

function sent(row: RawRow): Sent {
  return {
    seq: integer(row.seq),
    compliant: Boolean(Number(row.compliant)),
    sentDigest: textOrNull(row.sent_digest),
    sentSalt: textOrNull(row.sent_salt),
  };
}
