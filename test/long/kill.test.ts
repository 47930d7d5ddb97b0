import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openLedgerArchive } from '../../src/adapters/sqlite/ledger-archive.ts';
import { adoptPolicy } from '../../src/app/standing/adopt-policy.ts';
import type { App } from '../../src/app/app.ts';
import { verifyLedger } from '../../src/app/proof/verify-ledger.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { bundled } from '../support/bundled.ts';
import { ANN } from '../support/given-principal.ts';
import { start } from '../support/process.ts';
import { rawConnection } from '../support/temp-database.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openApp } from './open-app.ts';
import { COMMANDS, RUNS, send, type SentCommand } from './sent-commands.ts';
import { counted } from './counted.ts';

const ROUNDS = counted(100);
const ROUNDS_PER_VERIFICATION = 5;

interface Line {
  readonly sent: SentCommand;
  readonly outcome?: object;
}

/** Lets a process give commands until so many are answered, kills it at once, and gives all that it said. */
async function killedAfter(answers: number, command: readonly string[]): Promise<readonly Line[]> {
  const { process, ended } = start(command);
  let left = answers;
  createInterface({ input: process.stdout ?? ([] as never) }).on('line', (line) => {
    if (line.includes('"outcome"')) left -= 1;
    if (left === 0) process.kill('SIGKILL');
  });
  await once(process, 'close');
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([null, '']);
  // The last line may be torn.
  const whole = stdout.slice(0, stdout.lastIndexOf('\n')).split('\n');
  return whole.map((line) => JSON.parse(line) as Line);
}

/** Sends again what was answered, and what was not, and gives what all of it came to, by key. */
async function sendAgain(app: App, lines: readonly Line[]): Promise<ReadonlyMap<string, object>> {
  const sent = new Map(lines.map((line) => [line.sent.key, line.sent]));
  const outcomes = [...sent].map(async ([key, command]) => [key, await send(app, command)] as const);
  return new Map(await Promise.all(outcomes));
}

/** Opens what a kill left, as a restart would, and holds it against what was said before. */
async function held(file: string, lines: readonly Line[]): Promise<void> {
  const { app, close } = openApp(file);
  const again = await sendAgain(app, lines);
  for (const { sent, outcome } of lines)
    if (outcome !== undefined) expect(again.get(sent.key)).toEqual(outcome);
  await close();
  const connection = rawConnection(file);
  expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
  connection.close();
}

/** How many entries of a ledger are the effect of each of these commands. */
function effects(file: string): Readonly<Record<string, number>> {
  const type = `CASE type WHEN 'RUN_RECORDED' THEN 'record' WHEN 'AGENT_PROMOTED' THEN 'promote'
    WHEN 'AGENT_REVOKED' THEN 'revoke' WHEN 'PROMOTION_DENIED' THEN 'deny' WHEN 'VIOLATION_REPORTED' THEN 'report' END`;
  const rows = rawConnection(file)
    .prepare(
      `SELECT ${type} AS command, count(*) AS count FROM ledger_entries GROUP BY 1 HAVING command IS NOT NULL`,
    )
    .all() as readonly { readonly command: string; readonly count: number }[];
  return Object.fromEntries(rows.map(({ command, count }) => [command, count]));
}

test(`killed ${ROUNDS} times under load, a process has lost nothing that it had answered, and doubles nothing that is sent again`, async () => {
  const file = join(tempFolder(), 'tierkeeper.db');
  const { app, close } = openApp(file);
  await adoptPolicy(app, baseline, { operator: ANN, replace: false });
  await close();
  const command = await bundled('test/long/processes/commands.ts');
  const keys = Object.fromEntries(COMMANDS.map((each) => [each, new Set<string>()]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const lines = await killedAfter(10 + ((13 * round) % 40), [...command, file, `round-${round}`]);
    await held(file, lines);
    for (const { sent } of lines) keys[sent.command]?.add(sent.key);
    if (round % ROUNDS_PER_VERIFICATION !== 0) continue;
    const { problems, sound } = await verifyLedger(openLedgerArchive(file));
    expect([problems.listed, sound]).toEqual([[], true]);
  }
  // Whatever was ever sent has been sent again, and had its effect once.
  const sent = Object.fromEntries(
    Object.entries(keys).map(([name, { size }]) => [name, name === 'record' ? size * RUNS : size]),
  );
  expect(effects(file)).toEqual(sent);
  expect(Math.min(...Object.values(sent))).toBeGreaterThan(ROUNDS);
}, 1_200_000);
