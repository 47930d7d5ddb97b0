import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openOriginalLedger } from '../../../src/adapters/original-ledger/open-original-ledger.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Reads every row; how it fails, in words, and whether trying again may do. */
async function failureOf(path: string) {
  const reading = openOriginalLedger(path, { busyTimeout: 10 }).read((snapshot) =>
    Promise.resolve([...snapshot.rows('agent_metrics'), ...snapshot.rows('agent_actions')]),
  );
  const error = await reading.then(
    () => new Error('It was read.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new TypeError('No error was thrown.');
  return { name: error.name, message: error.message, retryable: 'retryable' in error && error.retryable };
}

const failure = (path: string, message: RegExp, retryable = false) => ({
  name: 'OriginalLedgerError',
  message: expect.stringMatching(new RegExp(`^${path} .*${message.source}.*\\. [A-Z].*`)) as string,
  retryable,
});

function givenFile(content: string | Buffer): string {
  const path = join(tempFolder(), 'ledger.db');
  writeFileSync(path, content);
  return path;
}

function opened(path: string): Database.Database {
  const database = new Database(path);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

/** Rights do not bind root, who lays them down for the time of a test. */
function asOrdinaryUser(): void {
  if (!isRoot) return;
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
}

const manyActions = Array.from({ length: 2_000 }, (_, id) => ({
  agent_id: `agent-${String(id)}`,
  timestamp: '2026-06-01',
  action: 'x'.repeat(90),
}));

describe('what is no readable original ledger is refused with what to do:', () => {
  it('a file that is missing', async () => {
    const path = join(tempFolder(), 'ledger.db');
    expect(await failureOf(path)).toEqual(failure(path, /does not exist/));
    expect(await failureOf(join(givenFile('x'), 'ledger.db'))).toMatchObject({ name: 'OriginalLedgerError' });
    expect(await failureOf(':memory:')).toMatchObject({
      message: expect.stringContaining('does not exist') as string,
    });
  });

  it('a folder', async () => {
    const path = tempFolder();
    expect(await failureOf(path)).toEqual(failure(path, /is a folder/));
  });

  it('a socket', async () => {
    const path = join(tempFolder(), 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    expect(await failureOf(path)).toEqual(failure(path, /is no regular file/));
  });

  it('a link to itself', async () => {
    const path = join(tempFolder(), 'ledger.db');
    symlinkSync(path, path);
    expect(await failureOf(path)).toEqual(failure(path, /can't be read \(ELOOP\)/));
  });

  it('an empty file', async () => {
    const path = givenFile('');
    expect(await failureOf(path)).toEqual(failure(path, /is empty/));
  });

  it.each(['CREATE TABLE agent_metrics (agent_id);\n', '{"agents": "ÄÖÜ"}', 'S'])(
    'the text %j',
    async (text) => {
      const path = givenFile(text);
      expect((await failureOf(path)).message).toMatch(/is a text file.*sqlite3 ledger\.db < FILE$/);
    },
  );

  it('a file of another format, or an encrypted one', async () => {
    const path = givenFile(Buffer.from(Array.from({ length: 8192 }, (_, index) => (index * 151) % 256)));
    expect(await failureOf(path)).toEqual(failure(path, /no SQLite database, or an encrypted one/));
  });

  it('a database that is encrypted behind its header', async () => {
    const content = readFileSync(givenOriginalLedger());
    const path = givenFile(
      Buffer.concat([content.subarray(0, 16), content.subarray(16).map((byte) => byte ^ 0x5a)]),
    );
    expect(await failureOf(path)).toEqual(failure(path, /damaged or encrypted/));
  });

  it('a file that was cut off', async () => {
    const content = readFileSync(givenOriginalLedger({ agent_actions: manyActions }));
    const path = givenFile(content.subarray(0, content.length / 2));
    expect(await failureOf(path)).toEqual(failure(path, /is damaged/));
  });

  it('a file whose last page is incomplete, which SQLite would fill with zeros', async () => {
    const path = givenOriginalLedger({ agent_metrics: [{ agent_id: 'eve', current_tier: 0 }] });
    truncateSync(path, statSync(path).size - 1);
    expect(await failureOf(path)).toEqual(failure(path, /is damaged: its end is missing/));
  });

  it('a file with a damaged page', async () => {
    const content = readFileSync(givenOriginalLedger({ agent_actions: manyActions }));
    const path = givenFile(content.fill(0xff, 4096 * 20, 4096 * 20 + 512));
    expect(await failureOf(path)).toEqual(failure(path, /is damaged/));
  });

  it('a database without agents', async () => {
    const path = givenOriginalLedger({ without: ['agent_metrics'] });
    expect(await failureOf(path)).toEqual(failure(path, /no table agent_metrics/));
  });

  it.each([
    'agent_metrics.agent_id',
    'agent_metrics.current_tier',
    'agent_actions.timestamp',
    'agent_actions.agent_id',
    'agent_actions.action',
    'violations.timestamp',
    'violations.agent_id',
    'promotions.timestamp',
    'promotions.agent_id',
    'promotions.from_tier',
    'promotions.to_tier',
  ])('a ledger without %s', async (column) => {
    const path = givenOriginalLedger({ without: [column] });
    const [table = '', name = ''] = column.split('.');
    expect(await failureOf(path)).toEqual(
      failure(path, new RegExp(`table ${table} without the column ${name}`)),
    );
  });

  it('a database of Tierkeeper itself', async () => {
    const path = givenOriginalLedger();
    opened(path).exec('CREATE TABLE ledger_head (id); CREATE TABLE ledger_entries (seq)');
    expect(await failureOf(path)).toEqual(failure(path, /is a database of Tierkeeper itself/));
  });

  it('a ledger that is locked, which trying again may help', async () => {
    const path = givenOriginalLedger();
    const database = opened(path);
    database.exec('BEGIN EXCLUSIVE');
    expect(await failureOf(path)).toEqual(failure(path, /is locked/, true));
    database.exec('ROLLBACK');
    expect(await failureOf(path)).toMatchObject({ message: 'It was read.' });
  });

  it('a ledger that was not closed cleanly', async () => {
    const source = givenOriginalLedger({ agent_actions: manyActions });
    const database = opened(source);
    database.exec('PRAGMA cache_size = 1; BEGIN; DELETE FROM agent_actions WHERE id % 2 = 0');
    const path = join(tempFolder(), 'ledger.db');
    for (const suffix of ['', '-journal']) copyFileSync(source + suffix, path + suffix);
    database.exec('ROLLBACK');
    expect(await failureOf(path)).toEqual(failure(path, /was not closed cleanly/));
  });

  it('a file that may not be read', async () => {
    const path = givenOriginalLedger();
    chmodSync(dirname(path), 0o755);
    chmodSync(path, 0);
    asOrdinaryUser();
    expect(await failureOf(path)).toEqual(failure(path, /may not be read by this user/));
  });

  it('a ledger in WAL mode in a folder that may not be written to', async () => {
    const folder = join(tempFolder(), 'read-only');
    mkdirSync(folder);
    const path = join(folder, 'ledger.db');
    copyFileSync(givenOriginalLedger(), path);
    const database = new Database(path);
    database.pragma('journal_mode = WAL');
    database.close();
    chmodSync(dirname(folder), 0o755);
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o700));
    asOrdinaryUser();
    expect(await failureOf(path)).toEqual(
      failure(path, /is in WAL mode, and its folder can't be written to/),
    );
  });
});
