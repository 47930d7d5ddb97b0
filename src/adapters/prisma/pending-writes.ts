import type { AgentRecord } from '../../app/ports/agents.ts';
import type { Rows } from '../../app/rows.ts';
import type { CandidacyState } from '../../governance/candidacy.ts';
import type { ChainedEntry } from '../../governance/ledger/chain.ts';
import { tierAfter } from '../../governance/ledger/entries.ts';
import { AGENT_COLUMNS, agentValues } from './agent-rows.ts';
import { insertFrom, insertParameter, insertStatement, type Table } from './inserts.ts';
import type { Raw } from './raw.ts';

/** How long the outcome of a spent key is kept, in milliseconds. */
export const KEPT_FOR = 7 * 86_400_000;

const UPSERT_AGENTS = `${insertFrom('agents', AGENT_COLUMNS)} ON CONFLICT (agent_id) DO UPDATE SET
  ${AGENT_COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

const ENTRY_COLUMNS = [
  'seq',
  'at',
  'recorded_at',
  'type',
  'agent_id',
  'actor_key',
  'payload',
  'previous_hash',
  'hash',
  'to_tier',
];

/** Rows that must stand before the entries that name them, then those that stand on entries. */
const BEFORE_ENTRIES = ['principals', 'texts', 'policies'] as const;
const AFTER_ENTRIES = [
  'runs',
  'actions',
  'violations',
  'candidacies',
  'approvals',
  'recorders',
  'formerOwners',
  'idempotencyKeys',
] as const;

/** The rows that facts are looked up in. */
const FACTS = ['actions', 'violations'] as const;

type Closing = Pick<Rows['candidacies'], 'seq' | 'state' | 'closedAt' | 'closedSeq'>;

/** What a transaction is to write, until it is written set-wise, in an order in which each row finds what it names. */
export class PendingWrites {
  #entries: ChainedEntry[] = [];
  #agents = new Map<string, AgentRecord>();
  #rows: { [T in Table]?: Rows[T][] } = {};
  #closings: Closing[] = [];
  #spoilt: number[] = [];

  constructor(
    private readonly db: Raw,
    private readonly now: number,
  ) {}

  /** Whether anything is pending that facts are looked up in. */
  get hasFacts(): boolean {
    return FACTS.some((table) => this.#buffered(table).length > 0);
  }

  /** The key of a principal that is pending. */
  keyOf(principalId: string): string | undefined {
    return this.#buffered('principals').find((row) => row.id === principalId)?.key;
  }

  append(entry: ChainedEntry): void {
    this.#entries.push(entry);
  }

  insert<T extends Table>(table: T, row: Rows[T]): void {
    this.#buffered(table).push(row);
  }

  saveAgent(agent: AgentRecord): void {
    this.#agents.set(agent.state.agentId, agent);
  }

  /** One that opened in this very flush is written closed: an agent never has two open ones, not even for a moment. */
  closeCandidacy(seq: number, state: Exclude<CandidacyState, 'OPEN'>, closedBy: ChainedEntry): void {
    const closing = { seq, state, closedAt: closedBy.at, closedSeq: closedBy.seq };
    const rows = this.#buffered('candidacies');
    const index = rows.findIndex((row) => row.seq === seq);
    const row = rows[index];
    if (row === undefined) this.#closings.push(closing);
    else rows[index] = { ...row, ...closing };
  }

  spoilRun(seq: number): void {
    this.#spoilt.push(seq);
  }

  async flush(): Promise<void> {
    for (const table of BEFORE_ENTRIES) await this.#write(table);
    await this.#writeAgents();
    await this.#writeEntries();
    await this.#writeClosings();
    for (const table of AFTER_ENTRIES) await this.#write(table);
    await this.#writeSpoilt();
  }

  #execute(sql: string, ...values: readonly unknown[]): Promise<number> {
    return this.db.$executeRawUnsafe(sql, ...values);
  }

  #buffered<T extends Table>(table: T): Rows[T][] {
    const rows: Rows[T][] = this.#rows[table] ?? [];
    (this.#rows as Record<T, Rows[T][]>)[table] = rows;
    return rows;
  }

  async #write(table: Table): Promise<void> {
    const rows: readonly Rows[Table][] = this.#buffered(table).splice(0);
    if (rows.length === 0) return;
    if (table === 'idempotencyKeys')
      await this.#execute('DELETE FROM idempotency_keys WHERE created_at <= ?', this.now - KEPT_FOR);
    await this.#execute(insertStatement(table), insertParameter(table, rows));
  }

  async #writeAgents(): Promise<void> {
    if (this.#agents.size === 0) return;
    const values = JSON.stringify([...this.#agents.values()].map(agentValues));
    this.#agents.clear();
    await this.#execute(UPSERT_AGENTS, values);
  }

  async #writeEntries(): Promise<void> {
    if (this.#entries.length === 0) return;
    const values = this.#entries.map((entry) => [
      entry.seq,
      entry.at,
      entry.recordedAt,
      entry.type,
      entry.agentId,
      entry.actor,
      entry.payloadText,
      entry.previousHash,
      entry.hash,
      tierAfter(entry),
    ]);
    this.#entries = [];
    await this.#execute(insertFrom('ledger_entries', ENTRY_COLUMNS), JSON.stringify(values));
  }

  async #writeClosings(): Promise<void> {
    for (const { seq, state, closedAt, closedSeq } of this.#closings)
      await this.#execute(
        'UPDATE candidacies SET state = ?, closed_seq = ?, closed_at = ? WHERE seq = ?',
        state,
        closedSeq,
        closedAt,
        seq,
      );
    this.#closings = [];
  }

  async #writeSpoilt(): Promise<void> {
    for (const seq of this.#spoilt)
      await this.#execute('UPDATE runs SET compliant = false WHERE seq = ?', seq);
    this.#spoilt = [];
  }
}
