import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tierkeeper } from './given-cli.ts';
import { piped } from './in-this-process.ts';

/** A database that no command of this file may get as far as opening. */
const NOWHERE = { DATABASE_URL: 'file:/nowhere/at/all.db' };
const MANIFEST = join(import.meta.dirname, '../../package.json');

describe('help', () => {
  it('lists every command, with the exit codes', async () => {
    const { code, stdout } = await tierkeeper(['--help'], NOWHERE);
    expect(code).toBe(0);
    for (const command of [
      'serve',
      'demo',
      'import',
      'verify',
      'checkpoint',
      'backup',
      'export',
      'erase',
      'eligible',
      'evaluate',
      'promote',
      'history',
      'requirements',
    ])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    for (const command of ['watch', 'graphql', 'vault'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('0 done   1 refused   2 wrong usage or input   3 unavailable');
  });

  it('tells of one command, with the options that all have', async () => {
    const { code, stdout } = await tierkeeper(['help', 'promote'], NOWHERE);
    expect(code).toBe(0);
    expect(stdout).toContain('--rationale <text>');
    expect(stdout).toContain('--json');
  });

  it('gives the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
    const { code, stdout } = await tierkeeper(['--version'], NOWHERE);
    expect([code, stdout]).toEqual([0, `${version}\n`]);
  });
});

describe('a mistake in what was typed ends with 2, says what is wrong, and shows no stack:', () => {
  it.each([
    [[], 'Name one of the commands.'],
    [['help', 'promot'], 'Name one of the commands.'],
    [['vault'], 'Name one of the commands.'],
    [['vault', 'enrol', 'eve'], "Unknown command 'enrol' (Did you mean enroll?)"],
    [['vault', 'enroll'], "Missing required argument 'agent'"],
    [['vault', 'enroll', 'eve', '--wrap-ttl', '2h'], 'It must be a duration from 1s to 1h, such as 5m.'],
    [['vault', 'status', '--dry-run'], "Unknown option '--dry-run'"],
    [['promot'], "Unknown command 'promot' (Did you mean promote?)"],
    [['evaluate'], "Missing required argument 'agent'"],
    [['import'], "Missing required argument 'file'"],
    [['evaluate', ''], 'It must be the name of an agent, and is empty.'],
    [['promote', ' '], 'It must be the name of an agent, and is empty.'],
    [['history', '--agent-id', ''], 'It must be the name of an agent, and is empty.'],
    [['evaluate', 'eve', 'mallory'], 'Too many arguments'],
    [['eligible', '--loud'], "Unknown option '--loud'"],
    [['requirements', '--tier', 'T9'], 'It must be T0, T1, T2, T3 or T4.'],
    [['requirements', '--tier', ''], 'It must be T0, T1, T2, T3 or T4.'],
    [['erase'], 'Name what to erase: one of --person ID, --text ID and --entry SEQ.'],
    [['erase', '--person', 'ann', '--entry', '3'], 'Name what to erase: one of'],
    [['erase', '--person', ''], 'It must be an id, and is empty.'],
    [['erase', '--entry', '0'], 'It must be the number of an entry, from 1 on.'],
    [['erase', '--entry', '3'], 'Nobody is here to confirm it: say --yes.'],
    [['verify', '--checkpoint', 'c.json'], 'give both --checkpoint FILE and --public-key FILE.'],
    [['verify', '--public-key', 'p.pem'], 'give both --checkpoint FILE and --public-key FILE.'],
    [['history', '--limit', '0'], 'It must be a whole number from 1 to 100.'],
    [['history', '--limit', '101'], 'It must be a whole number from 1 to 100.'],
    [['history', '--limit', 'abc'], 'It must be a whole number from 1 to 100.'],
    [['history', '--limit', '1.5'], 'It must be a whole number from 1 to 100.'],
    [['watch', '--types', 'AGENT_PROMOTED,,'], 'It must be types of entry. Known: AGENT_BECAME_ELIGIBLE, '],
    [['watch', '--types', 'foo'], 'No entry is of the type FOO. Known: AGENT_BECAME_ELIGIBLE, '],
    [['graphql', '--variables', '[1]'], 'It must be a JSON object'],
    [['graphql', '--variables', '{'], 'It must be a JSON object'],
    [['graphql', '/nowhere/query.graphql'], "/nowhere/query.graphql can't be read (ENOENT)"],
    [['eligible', '--url', 'ftp://example.com'], 'TIERKEEPER_URL must be an http:// or https:// URL'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await piped(args, NOWHERE);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('with --json, before or after the command, as JSON on stdout', async () => {
    for (const args of [
      ['--json', 'promot'],
      ['history', '--limit', '0', '--json'],
    ]) {
      const { code, stderr, json } = await piped(args, NOWHERE);
      expect(json()).toEqual({ error: { code: 'USAGE', message: expect.any(String) as string } });
      expect([code, stderr]).toEqual([2, '']);
    }
  });
});
