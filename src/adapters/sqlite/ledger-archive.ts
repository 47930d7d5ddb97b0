import { resolve } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import type { Experience, LedgerArchive, LedgerSnapshot } from '../../app/ports/ledger-archive.ts';
import type { AgentRecord } from '../../app/ports/agents.ts';
import { agentRecord, selectAgents } from '../prisma/agent-rows.ts';
import { storedAnchor } from '../prisma/clock-anchor.ts';
import { facts } from '../prisma/facts.ts';
import { assertPages, inspectFile } from './file-damage.ts';
import { missingGuards, readGuards } from './guards.ts';
import { assertMigrated } from './migrate.ts';
import { MigrationError, migrationErrorOf } from './migration-error.ts';
import { providerFolder, readMigrations } from './migrations.ts';
import type { Raw, RawRow } from '../prisma/raw.ts';
import { SNAPSHOT_QUERIES } from '../prisma/snapshot-queries.ts';
import { isDamage, storageFaultOf } from './storage-faults.ts';

/** How long another process may hold the file alone, in milliseconds. */
const PATIENCE = 10_000;

/** A SQLite file as an archive: it is opened by each `read`, and only to read; `checked` if every page is looked at first. */
export function openLedgerArchive(file: string, { checked = false } = {}): LedgerArchive {
  const path = resolve(file);
  return {
    async read(work) {
      const db = opened(path, checked);
      const open = new Set<Generator>();
      try {
        return await work(snapshotOf(db, open));
      } catch (error) {
        throw isDamage(error)
          ? new MigrationError('DAMAGED', path, { cause: error })
          : (storageFaultOf(error) ?? error);
      } finally {
        // A connection with a reading that has not ended can't be closed.
        for (const rows of open) rows.return(undefined);
        db.close();
      }
    },
  };
}

function opened(path: string, checked: boolean): Database {
  inspectFile(path, 'refuse');
  const folder = providerFolder('sqlite');
  let db: Database | undefined;
  try {
    db = new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: PATIENCE });
    db.pragma('temp_store = MEMORY');
    db.pragma('trusted_schema = OFF');
    db.exec('BEGIN');
    if (checked) assertPages(db, path);
    assertMigrated(db, readMigrations(folder), path);
    return db;
  } catch (error) {
    db?.close();
    throw migrationErrorOf(error, path);
  }
}

function snapshotOf(db: Database, open: Set<Generator>): LedgerSnapshot {
  const rows = <Row>(sql: string, ...values: readonly unknown[]) =>
    kept(open, booleans<Row>(db.prepare<unknown[], Row>(sql).iterate(...values)));
  const head = db.prepare<[], LedgerSnapshot['head']>(SNAPSHOT_QUERIES.head).get();
  if (head === undefined) throw new Error('ledger_head has no row.');
  const textDigest = db.prepare<[string], string>('SELECT digest FROM texts WHERE id = ?').pluck();
  return {
    head,
    clockAnchor: storedAnchor(db.prepare<[], RawRow>(SNAPSHOT_QUERIES.clock).get() ?? {}),
    faults: missingGuards(db, readGuards(providerFolder('sqlite'))).map(
      (name) => `The guard ${name} is missing or altered.`,
    ),
    entries: (after = 0) => rows(SNAPSHOT_QUERIES.entries, after),
    runs: () => rows(SNAPSHOT_QUERIES.runs),
    actions: () => rows(SNAPSHOT_QUERIES.actions),
    violations: () => rows(SNAPSHOT_QUERIES.violations),
    candidacies: () => rows(SNAPSHOT_QUERIES.candidacies),
    approvals: () => rows(SNAPSHOT_QUERIES.approvals),
    formerOwners: () => rows(SNAPSHOT_QUERIES.formerOwners),
    texts: () => rows(SNAPSHOT_QUERIES.texts),
    principals: () => rows(SNAPSHOT_QUERIES.principals),
    policies: () => rows(SNAPSHOT_QUERIES.policies),
    agents: () => kept(open, agents(db)),
    strayRecorders: () => rows(SNAPSHOT_QUERIES.strayRecorders),
    textDigest: (id) => textDigest.get(id) ?? null,
    experience: () => experienceOf(db, [...rows<Experience['actions'][number]>(SNAPSHOT_QUERIES.experience)]),
    facts: (requests) => facts(rawOf(db), requests),
  };
}

function experienceOf(db: Database, actions: Experience['actions']): Experience {
  const fleet = db
    .prepare<[], Pick<Experience, 'agents' | 'mostCompliantRuns' | 'firstRegisteredAt'>>(
      SNAPSHOT_QUERIES.fleet,
    )
    .get();
  if (fleet === undefined) throw new RangeError('An aggregate has a row.');
  const together = db.prepare<[number, number], number>(SNAPSHOT_QUERIES.executedTogether).pluck();
  const executedTogether = (atLeast: number, within: number) => together.get(atLeast - 1, within) === 1;
  return { ...fleet, actions, executedTogether };
}

function kept<Row>(open: Set<Generator>, rows: Generator<Row>): Generator<Row> {
  open.add(rows);
  return rows;
}

/** The columns that hold truth values, which SQLite knows as numbers. */
const FLAGS = ['compliant', 'violated', 'violatedAtOnce', 'success', 'inRun', 'spoils'];

function* booleans<Row>(rows: IterableIterator<Row>): Generator<Row> {
  for (const row of rows) {
    const values = row as Record<string, unknown>;
    for (const flag of FLAGS) if (flag in values) values[flag] = values[flag] === 1;
    yield row;
  }
}

function* agents(db: Database): Generator<AgentRecord> {
  const sql = selectAgents('ORDER BY a.agent_id');
  for (const row of db.prepare<[], RawRow>(sql).iterate()) yield agentRecord(row);
}

/** What looks up facts asks of Prisma: here the same statements run in the snapshot. */
function rawOf(db: Database): Raw {
  const query = (sql: string, ...values: readonly unknown[]) =>
    Promise.resolve(db.prepare<unknown[], RawRow>(sql).all(...values));
  return { $queryRawUnsafe: query, $executeRawUnsafe: query } as unknown as Raw;
}
