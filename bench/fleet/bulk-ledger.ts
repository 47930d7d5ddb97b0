import SqliteDatabase, { type Database } from 'better-sqlite3';
import { AGENT_COLUMNS, agentValues } from '../../src/adapters/prisma/agent-rows.ts';
import { insertFrom, insertParameter, insertStatement } from '../../src/adapters/prisma/inserts.ts';
import type { AgentRecord } from '../../src/app/ports/agents.ts';
import type { Rows } from '../../src/app/rows.ts';
import { chain, type ChainedEntry, type Head } from '../../src/governance/ledger/chain.ts';
import { principalKey } from '../../src/governance/principals/principal-key.ts';
import { tierAfter, type NewEntry } from '../../src/governance/ledger/entries.ts';

const ENTRY_COLUMNS = ['seq', 'at', 'recorded_at', 'type', 'agent_id', 'actor_key', 'payload'];
const PLACE_COLUMNS = ['previous_hash', 'hash', 'to_tier'];
const PER_STATEMENT = 2_000;

/** A ledger that is filled with guards on, fast: thousands of rows a statement, and one sync at the end. */
export class BulkLedger {
  readonly #db: Database;
  readonly #statements = new Map<string, (parameter: string) => void>();
  #head: Head;
  #entries: ChainedEntry[] = [];
  #runs: Rows['runs'][] = [];
  #actions: Rows['actions'][] = [];
  #violations: Rows['violations'][] = [];

  /** The opaque key of whoever does everything. */
  readonly actor: string;

  constructor(file: string, runner: string) {
    this.actor = principalKey(runner, runner);
    this.#db = new SqliteDatabase(file);
    this.#db.exec(
      'PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON',
    );
    const principal = { key: this.actor, id: runner, salt: runner, kind: 'SERVICE' } as const;
    this.#write(insertStatement('principals'), insertParameter('principals', [principal]));
    const head = 'SELECT seq, hash, recorded_at AS recordedAt FROM ledger_head';
    const [first] = this.#db.prepare<[], Head>(head).all();
    if (first === undefined) throw new Error('ledger_head has no row.');
    this.#head = first;
  }

  get nextSeq(): number {
    return this.#head.seq + 1;
  }

  append(entry: NewEntry): number {
    const chained = chain(this.#head, entry, entry.at);
    this.#head = chained;
    this.#entries.push(chained);
    return chained.seq;
  }

  addRun(run: Rows['runs'], actions: readonly Rows['actions'][]): void {
    this.#runs.push(run);
    this.#actions.push(...actions);
    if (this.#actions.length >= PER_STATEMENT) this.#flush();
  }

  addViolation(violation: Rows['violations']): void {
    this.#violations.push(violation);
  }

  /** Writes the agents as the entries left them, and where the chain ends. */
  close(agents: readonly AgentRecord[]): void {
    this.#flush();
    this.#write(insertFrom('agents', AGENT_COLUMNS), JSON.stringify(agents.map(agentValues)));
    const recorders = agents.map(({ state: { agentId } }) => ({ agentId, principalKey: this.actor }));
    this.#write(insertStatement('recorders'), insertParameter('recorders', recorders));
    const { seq, hash, recordedAt } = this.#head;
    this.#db.prepare('UPDATE ledger_head SET seq = ?, hash = ?, recorded_at = ?').run(seq, hash, recordedAt);
    this.#db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }

  #flush(): void {
    const entries = this.#entries.map((entry) => [
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
    const columns = [...ENTRY_COLUMNS, ...PLACE_COLUMNS];
    this.#write(insertFrom('ledger_entries', columns), JSON.stringify(entries));
    this.#write(insertStatement('runs'), insertParameter('runs', this.#runs));
    this.#write(insertStatement('actions'), insertParameter('actions', this.#actions));
    this.#write(insertStatement('violations'), insertParameter('violations', this.#violations));
    [this.#entries, this.#runs, this.#actions, this.#violations] = [[], [], [], []];
  }

  #write(sql: string, parameter: string): void {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      const prepared = this.#db.prepare(sql);
      statement = (rows) => void prepared.run(rows);
      this.#statements.set(sql, statement);
    }
    statement(parameter);
  }
}
