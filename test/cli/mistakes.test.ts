import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { strict } from '../../src/governance/policies/strict.ts';
import { policyData } from '../../src/governance/policy.ts';
import { givenOriginalLedger } from '../support/given-original-ledger.ts';
import { rawConnection } from '../support/temp-database.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  fileOf,
  givenDatabase,
  givenFile,
  givenServer,
  givenTokens,
  tierkeeper,
  type Variables,
} from './given-cli.ts';
import { piped } from './in-this-process.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly reason?: string;
  readonly problems?: readonly unknown[];
}

/** Runs a command that fails with --json: the error is all of stdout, and stderr is empty. */
async function failing(args: readonly string[], variables: Variables, run = piped) {
  const { code: exit, stderr, json } = await run([...args, '--json'], variables);
  expect(stderr).toBe('');
  const { error } = json() as { readonly error: Failure };
  return { exit, error };
}

/** The same as a process of its own. */
const failingAlone = (args: readonly string[], variables: Variables) => failing(args, variables, tierkeeper);

/** The same for people: one message on stderr, without a stack, and nothing on stdout. */
async function shown(args: readonly string[], variables: Variables): Promise<string> {
  const { stdout, stderr } = await piped(args, variables);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
}

describe('the environment', () => {
  it('is refused with every problem', async () => {
    const { exit, error } = await failingAlone(['eligible'], {
      PORT: 'abc',
      DATABASE_URL: 'mysql://x',
      TIERKEEPER_LIMITS: '{"depth":0}',
    });
    expect([exit, error.code]).toEqual([2, 'CONFIG']);
    expect(error.problems).toEqual([
      { variable: 'PORT', message: 'must be a port number from 0 to 65535' },
      { variable: 'DATABASE_URL', message: 'must be file:PATH' },
      { variable: 'TIERKEEPER_LIMITS', message: 'depth must be a positive whole number' },
    ]);
  });

  it('is refused with a line for each problem', async () => {
    const lines = (await shown(['eligible'], { PORT: 'abc', DATABASE_URL: 'mysql://x' })).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'error: The environment has 2 problems:',
      '  PORT must be a port number from 0 to 65535',
      '  DATABASE_URL must be file:PATH',
    ]);
  });

  it('may ask for stacks', async () => {
    const { stderr } = await piped(['eligible'], { DATABASE_URL: 'mysql://x', LOG_LEVEL: 'debug' });
    expect(stderr).toMatch(/^\s+at /m);
  });
});

describe('a policy file', () => {
  it('that is broken is refused with line and column', async () => {
    const TIERKEEPER_POLICY_FILE = givenFile('policy.yaml', 'name: mine\nwindowDays: soon\n');
    const { exit, error } = await failing(['eligible'], {
      ...(await givenDatabase()),
      TIERKEEPER_POLICY_FILE,
    });
    expect([exit, error.code]).toEqual([2, 'POLICY_FILE']);
    expect(error.problems).toContainEqual(expect.objectContaining({ line: 2, column: 13 }));
    expect(error.message).toContain(`${TIERKEEPER_POLICY_FILE}:2:13: `);
    const message = await shown(['eligible'], { ...(await givenDatabase()), TIERKEEPER_POLICY_FILE });
    expect(message).toContain(`${TIERKEEPER_POLICY_FILE}:2:13: `);
  });

  it('other than the one in force is refused', async () => {
    const variables = await givenDatabase(() => Promise.resolve());
    const other = {
      ...variables,
      TIERKEEPER_POLICY_FILE: givenFile('policy.yaml', JSON.stringify(policyData(strict))),
    };
    const { exit, error } = await failing(['requirements'], other);
    expect([exit, error.code]).toEqual([2, 'POLICY_MISMATCH']);
    expect(error.message).toContain('The policy in force is baseline');
  });
});

describe('a tokens file', () => {
  it('that is broken is refused with every problem', async () => {
    const TIERKEEPER_TOKENS_FILE = givenFile('tokens.json', '[{"token":"x","id":"ann","kind":"robot"}]');
    const database = { ...(await givenDatabase()), TIERKEEPER_TOKENS_FILE };
    const { exit, error } = await failingAlone(['serve'], { ...database, PORT: '0' });
    expect([exit, error.code]).toEqual([2, 'TOKENS_FILE']);
    expect(error.message).toContain('entry 0 kind must be one of person, agent, service');
    expect(error.problems).toHaveLength(2);
    expect(error.message).toContain('tokens.json');
    const asking = await failing(['eligible'], { ...database, TIERKEEPER_TOKEN: 'x' });
    expect([asking.exit, asking.error]).toEqual([2, error]);
  });

  it('that is missing is named', async () => {
    const tokens = { TIERKEEPER_TOKENS_FILE: '/nowhere/tokens.json', TIERKEEPER_TOKEN: 'x' };
    const { exit, error } = await failing(['eligible'], { ...(await givenDatabase()), ...tokens });
    expect([exit, error.code]).toEqual([2, 'TOKENS_FILE']);
    expect(error.message).toContain(
      "The tokens file /nowhere/tokens.json can't be used: it can't be read (ENOENT)",
    );
  });
});

describe('a database', () => {
  it('that a newer build has used is left alone', async () => {
    const variables = await givenDatabase(() => Promise.resolve());
    rawConnection(fileOf(variables)).exec(`
      INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
      VALUES ('x', 'x', 1, '99999999999999_later', 1, 1)`);
    const { exit, error } = await failing(['eligible'], variables);
    expect([exit, error.code, error.reason]).toEqual([2, 'DATABASE', 'NEWER']);
    expect(error.message).toContain('99999999999999_later');
  });

  it('that somebody else has locked may be tried again', async () => {
    const variables = await givenDatabase(() => Promise.resolve());
    rawConnection(fileOf(variables)).exec('BEGIN IMMEDIATE');
    const ledger = givenOriginalLedger({ agent_metrics: [{ agent_id: 'eve', current_tier: 0 }] });
    const { exit, error } = await failing(['import', ledger], variables);
    expect([exit, error.code]).toEqual([3, 'STORAGE_BUSY']);
  });

  it.each([
    ['IS_A_FOLDER', (path: string) => mkdirSync(path)],
    [
      'NOT_A_DATABASE',
      (path: string) => writeFileSync(path, 'a text that is much longer than a header of SQLite, '.repeat(9)),
    ],
  ])('that is none is refused: %s', async (reason, make) => {
    const path = join(tempFolder(), 'tierkeeper.db');
    make(path);
    const { exit, error } = await failing(['eligible'], { DATABASE_URL: `file:${path}` });
    expect([exit, error.code, error.reason]).toEqual([2, 'DATABASE', reason]);
  });

  it.each([
    ['NOT_A_FILE', '/dev/null'],
    ['NAME_TOO_LONG', join(tmpdir(), `${'x'.repeat(300)}.db`)],
  ])('that can be no file is refused: %s', async (reason, path) => {
    const { exit, error } = await failing(['eligible'], { DATABASE_URL: `file:${path}` });
    expect([exit, error.code, error.reason]).toEqual([2, 'DATABASE', reason]);
  });

  it.each([
    ['a file system that takes no folders', () => '/proc/tierkeeper/data.db'],
    ['a file', () => join(givenFile('no-folder', ''), 'data.db')],
  ])('that can be made nowhere, in %s, is refused', async (_what, path) => {
    const { exit, error } = await failingAlone(['serve'], { DATABASE_URL: `file:${path()}`, PORT: '0' });
    expect([exit, error.code, error.reason]).toEqual([2, 'DATABASE', 'CANNOT_OPEN']);
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)('that is read-only is refused', async () => {
    const variables = await givenDatabase(() => Promise.resolve());
    chmodSync(fileOf(variables), 0o444);
    const { exit, error } = await failing(['eligible'], variables);
    expect([exit, error.code, error.reason]).toEqual([2, 'DATABASE', 'READ_ONLY']);
  });
});

describe('a ledger to import', () => {
  it.each([
    ['a folder', () => tempFolder(), 'is a folder'],
    [
      'a text',
      () => givenFile('ledger.txt', 'INSERT INTO agent_metrics'),
      'is a text file, not a SQLite database',
    ],
    ['nothing', () => '/nowhere/governance.db', 'does not exist'],
  ])('that is %s is refused', async (_, make, message) => {
    const { exit, error } = await failing(['import', make()], await givenDatabase());
    expect([exit, error.code]).toEqual([2, 'ORIGINAL_LEDGER']);
    expect(error.message).toContain(message);
  });
});

describe('a server', () => {
  it('does not start on a port in use', async () => {
    const { port, close } = await listening();
    onTestFinished(() => void close());
    const { exit, error } = await failingAlone(['serve'], { ...(await givenDatabase()), PORT: String(port) });
    expect([exit, error.code]).toEqual([2, 'LISTEN']);
    expect(error.message).toContain(`port ${port}: something else listens there`);
  });

  it('that speaks no TLS is told as such', async () => {
    const { url } = await givenServer({ ...(await givenDatabase()), ...givenTokens() });
    const variables = { TIERKEEPER_URL: url.replace('http:', 'https:'), TIERKEEPER_TOKEN: 'x' };
    const { exit, error } = await failingAlone(['eligible'], variables);
    expect([exit, error.code, error.message]).toEqual([
      3,
      'NETWORK',
      expect.stringContaining('it does not speak TLS: begin the address with http://'),
    ]);
  });

  it('that is not there may be tried again', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const variables = { TIERKEEPER_URL: url, TIERKEEPER_TOKEN: 'x' };
    const { exit, error } = await failingAlone(['watch'], variables);
    expect([exit, error.code]).toEqual([3, 'NETWORK']);
    const message = await shown(['eligible'], variables);
    expect(message).toContain(`${url} can't be reached (connect ECONNREFUSED`);
  });
});

/** Somebody who listens. */
async function listening() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    await once(server.close(), 'close');
  };
  return { port, close };
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const { port, close } = await listening();
  await close();
  return port;
}

describe('who asks', () => {
  it.each([
    ['needs a token where a file of them is configured', {}, {}, 2, 'USAGE'],
    [
      'is refused with a token that the file does not know',
      {},
      { TIERKEEPER_TOKEN: 'x' },
      1,
      'UNAUTHENTICATED',
    ],
    ['needs a token for a server', { TIERKEEPER_URL: 'http://127.0.0.1:9' }, {}, 2, 'USAGE'],
  ])('%s', async (_, where, token, code, name) => {
    const { exit, error } = await failing(['eligible'], {
      ...(await givenDatabase()),
      ...givenTokens(),
      ...where,
      ...token,
    });
    expect([exit, error.code]).toEqual([code, name]);
    expect(error.message).toContain('TIERKEEPER_TOKEN');
  });

  it('is nobody with a token and no file of them', async () => {
    const { exit, error } = await failing(['eligible'], {
      ...(await givenDatabase()),
      TIERKEEPER_TOKEN: 'x',
    });
    expect([exit, error.code]).toEqual([1, 'UNAUTHENTICATED']);
  });
});
