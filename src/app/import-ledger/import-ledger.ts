import type { Principal } from '../../governance/principals/principal.ts';
import { ClockDoubtfulError } from '../time/clock-doubtful-error.ts';
import { agentsToImport } from './agents-to-import.ts';
import { appendAgent } from './append-agent.ts';
import { importableAgents, type ImportableAgent } from './importable-agents.ts';
import { ImportLog, type ImportProgress, type ImportReport } from './import-report.ts';
import type { OriginalLedger, OriginalSnapshot } from '../ports/original-ledger.ts';
import type { App } from '../app.ts';
import type { Reader, WriteTransaction } from '../ports/store.ts';
import { reevaluate } from '../standing/reevaluate.ts';

/** What to import, and who does. */
export interface LedgerImport {
  readonly ledger: OriginalLedger;
  /** The operator: the actor of every entry. */
  readonly actor: Pick<Principal, 'id' | 'kind'>;
  /** Does everything but the write, and says what would be. */
  readonly dryRun: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
}

const AGENTS_PER_BATCH = 500;
const FACTS_PER_BATCH = 20_000;
const LONGEST_WRITE = 6 * 3_600_000;

/**
 * Imports an original ledger: reads and checks all of it first, then writes all of it or nothing. Agents that are here
 * already are skipped with all their rows, so importing twice changes nothing. No rule of revocation is applied.
 * @throws OriginalLedgerError, StorageBusyError, StorageUnavailableError
 */
export async function importLedger(app: App, what: LedgerImport): Promise<ImportReport> {
  const report = await what.ledger.read(async (snapshot) => {
    const checked = await check(app, what, snapshot);
    if (what.dryRun || checked.agents.imported === 0) return checked;
    return app.store.write((tx) => write(app, what, { snapshot, tx }), { timeout: LONGEST_WRITE });
  });
  if (!what.dryRun && report.agents.imported > 0) app.doorbell.ring();
  return report;
}

interface Pass {
  readonly snapshot: OriginalSnapshot;
  readonly reader: Pick<Reader, 'agents'>;
  readonly notAfter: number;
  readonly log: ImportLog;
}

async function check(app: App, what: LedgerImport, snapshot: OriginalSnapshot): Promise<ImportReport> {
  const { reader } = app.store;
  const { recordedAt } = await reader.head();
  const log = logOf(what, snapshot, 'CHECKING');
  const notAfter = Math.max(app.clock.now(), recordedAt);
  const agents = agentsOf({ snapshot, reader, notAfter, log });
  let done = false;
  while (!done) done = (await agents.next()).done === true;
  return log.report(what.dryRun);
}

interface Target {
  readonly snapshot: OriginalSnapshot;
  readonly tx: WriteTransaction;
}

/** Judges everything again: only the transaction knows its instant, and which agents are here by then. */
async function write(app: App, what: LedgerImport, { snapshot, tx }: Target): Promise<ImportReport> {
  if (tx.doubt !== null) throw new ClockDoubtfulError(tx.doubt);
  const log = logOf(what, snapshot, 'IMPORTING');
  const actor = await tx.actorKey(what.actor);
  for await (const batch of batches(agentsOf({ snapshot, reader: tx, notAfter: tx.now, log }))) {
    const names = new Set(batch.flatMap(({ promotions }) => promotions.map((each) => each.approvedBy)));
    const to = { app, tx, actor, approvers: await tx.principalKeys([...names]) };
    const records = [];
    for (const agent of batch) records.push(await appendAgent(to, agent));
    await reevaluate(tx, records, { at: tx.now, cause: null, actor });
    await tx.flush();
  }
  return log.report(false);
}

function logOf(
  { onProgress }: LedgerImport,
  { rowCounts }: OriginalSnapshot,
  phase: ImportProgress['phase'],
): ImportLog {
  const total = Object.values(rowCounts).reduce((sum, count) => sum + count, 0);
  onProgress?.({ phase, done: 0, total });
  // A fact that equals the ids of several agents counts for each of them.
  return new ImportLog((done) => onProgress?.({ phase, done: Math.min(done, total), total }));
}

async function* agentsOf({ snapshot, reader, notAfter, log }: Pass): AsyncGenerator<ImportableAgent> {
  for (const { table, column } of snapshot.absent) {
    const kind = column === null ? 'TABLE_MISSING' : 'COLUMN_MISSING';
    const what =
      column === null
        ? `no table ${table}; it counts as empty`
        : `no column ${table}.${column}; it counts as NULL`;
    log.note({ kind, table, agentId: null, rowid: null, message: `The ledger has ${what}.` });
  }
  if (snapshot.wal !== null) log.note({ ...ABOUT_FILE, message: walMessage(snapshot.wal) });
  const agents = await agentsToImport(reader, snapshot, { log, notAfter });
  yield* importableAgents(snapshot, agents, { log, notAfter });
}

const ABOUT_FILE = { kind: 'WAL_BESIDE', table: null, agentId: null, rowid: null } as const;

function walMessage({ path, read }: NonNullable<OriginalSnapshot['wal']>): string {
  return read
    ? `${path} stands beside the file, so the original engine runs, or was not closed cleanly. What it holds was read, too.`
    : `${path} stands beside the file and was NOT read, because the file is not in WAL mode. It may hold newer rows: import a copy that was made together with it.`;
}

async function* batches(agents: AsyncIterable<ImportableAgent>): AsyncGenerator<readonly ImportableAgent[]> {
  let batch: ImportableAgent[] = [];
  let facts = 0;
  for await (const agent of agents) {
    batch.push(agent);
    facts += agent.actions.length + agent.violations.length + agent.promotions.length;
    if (batch.length < AGENTS_PER_BATCH && facts < FACTS_PER_BATCH) continue;
    yield batch;
    batch = [];
    facts = 0;
  }
  if (batch.length > 0) yield batch;
}
