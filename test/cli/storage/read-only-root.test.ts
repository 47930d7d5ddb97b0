// Commands on a read-only root file system, where nothing but the folder of the data may be written, as in a hardened pod.
import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { givenEligible } from '../../support/given-agent.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { start } from '../../support/process.ts';
import { ask } from '../../server/ask.ts';
import { fileOf, givenDatabase, givenTokens, printed, type Variables } from '../given-cli.ts';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');

/** The folder is at /mnt, and every other place that SQLite or Node would take for temporary files is read-only. */
const SCRIPT = `set -e; mount --bind "$0" /mnt
  for d in /tmp /var/tmp /usr/tmp /dev/shm; do
    if [ -d $d ]; then mount --bind $d $d; mount -o remount,bind,ro $d; fi
  done
  cd /proc; exec "$@"`;

function hardened(variables: Variables, ...args: readonly string[]) {
  const folder = dirname(fileOf(variables));
  const env = { ...variables, DATABASE_URL: 'file:/mnt/tierkeeper.db', PORT: '0' };
  return start(['unshare', '-m', 'sh', '-c', SCRIPT, folder, process.execPath, MAIN, ...args], env);
}

const RECORD = `mutation ($runs: [RunInput!]!) { recordRuns(input: { runs: $runs }) { ... on RunsRecorded { recorded } } }`;

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('on a read-only root', () => {
  it('a server records runs', async () => {
    const variables = await givenDatabase(() => Promise.resolve());
    const [, url = ''] = await printed(
      hardened({ ...variables, ...givenTokens() }, 'serve'),
      /listens on (\S+)/,
    );
    const at = new Date().toISOString();
    const action = { type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at };
    const runs = [{ agentId: 'eve', runId: 'r', startedAt: at, finishedAt: at, actions: [action] }];
    const { data } = await ask({ url }, RECORD, { token: 't-runner', variables: { runs } });
    expect(data?.recordRuns).toEqual({ recorded: 1 });
  });

  it('an agent is promoted, the ledger verified and backed up', async () => {
    const variables = await givenDatabase((app) => givenEligible(app));
    for (const args of [
      ['promote', 'eve', '--rationale', 'Worked carefully for months.', '--yes'],
      ['verify'],
      ['backup', '--out', '/mnt/backup.db'],
    ]) {
      const { code, stderr } = await hardened(variables, ...args).ended;
      expect([args[0], code, stderr]).toEqual([args[0], 0, '']);
    }
  });

  it('an import is tried where there is no database, leaving nothing, and then done', async () => {
    const variables = await givenDatabase();
    const folder = dirname(fileOf(variables));
    const metrics = [
      { agent_id: 'eve', current_tier: 1, total_runs: 5, compliant_runs: 5, consecutive_compliant: 5 },
    ];
    copyFileSync(givenOriginalLedger({ agent_metrics: metrics }), join(folder, 'original.db'));
    const tried = await hardened(variables, 'import', '/mnt/original.db', '--dry-run').ended;
    expect([tried.code, tried.stderr, existsSync(fileOf(variables))]).toEqual([0, '', false]);
    const done = await hardened(variables, 'import', '/mnt/original.db').ended;
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toContain('Imported 1 agent');
  });
});
