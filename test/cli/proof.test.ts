import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { policyData } from '../../src/governance/policy.ts';
import { givenKeys } from '../app/proof/rich-ledger.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { ANN } from '../support/given-principal.ts';
import { start } from '../support/process.ts';
import { rawConnection } from '../support/temp-database.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  fileOf,
  givenDatabase,
  givenFile,
  givenServer,
  givenTokens,
  printed,
  starting,
  tell,
  tierkeeper,
} from './given-cli.ts';
import { inThisProcess, piped } from './in-this-process.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

const givenLedger = () =>
  givenDatabase(async (app) => {
    await givenEligible(app);
    await promote(app, ANN, 'eve');
  });

function tampered(database: Readonly<Record<string, string>>): void {
  const db = rawConnection(fileOf(database));
  const guard = db
    .prepare(`SELECT sql FROM sqlite_schema WHERE name = 'runs_no_update'`)
    .pluck()
    .get() as string;
  db.exec('DROP TRIGGER runs_no_update; UPDATE runs SET started_at = started_at - 1 WHERE seq = 3');
  db.exec(guard);
}

describe('verify', () => {
  it('says that a ledger is sound, while a server writes it, and ends with 0', async () => {
    const database = await givenLedger();
    await givenServer({ ...database, ...givenTokens() });
    const { stdout, stderr, code } = await tierkeeper(['verify'], database);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^✓ The ledger is sound: 55 entries, each of them verified\.\n/);
    expect(stdout).toMatch(/ Agents +1, with 50 runs, 5 actions, 0 violations\n/);
    expect(stdout).toMatch(/ Decisions +3 proved again from their facts\n/);
  });

  it('says where and what is wrong, for people and for programs, and ends with 1', async () => {
    const database = await givenLedger();
    tampered(database);
    const { stdout, code } = await piped(['verify'], database);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^✗ The ledger is not sound: 1 problem in 55 entries\.\n entry 3 +RUN +eve +The run or its actions/,
    );
    const told = await piped(['verify', '--json'], database);
    expect([told.code, told.stderr]).toEqual([1, '']);
    expect(told.json()).toMatchObject({
      sound: false,
      entries: 55,
      problems: { total: 1, byKind: { RUN: 1 }, listed: [{ seq: 3, kind: 'RUN', agentId: 'eve' }] },
    });
  });

  it('tells a person at a terminal how far it is', async () => {
    const { stderr } = await inThisProcess(['verify'], await givenLedger());
    expect(stderr).toContain('Verifying: 55 of 55 entries, 100 %');
  });

  it('makes no database where there is none', async () => {
    const database = await givenDatabase();
    for (const args of [['verify'], ['export'], ['checkpoint'], ['erase', '--person', 'ann', '--yes']]) {
      const key = { TIERKEEPER_SIGNING_KEY: givenKeys().privatePem };
      const { code, stderr } = await piped(args, { ...database, ...key });
      expect([code, stderr]).toEqual([2, expect.stringContaining('there is none')]);
    }
    expect(existsSync(fileOf(database))).toBe(false);
  });
});

describe('a checkpoint', () => {
  it('is signed into a new file, and a ledger that was cut off later is held against it', async () => {
    const database = await givenLedger();
    const keys = givenKeys();
    const [out, publicKey] = [join(tempFolder(), 'checkpoint.json'), givenFile('public.pem', keys.publicPem)];
    const signing = { ...database, TIERKEEPER_SIGNING_KEY: givenFile('key.pem', keys.privatePem) };
    const { stdout, code } = await piped(['checkpoint', '--out', out], signing);
    expect([code, stdout]).toEqual([0, `✓ Signed entry 55 into ${out}. Keep it elsewhere.\n`]);
    const against = ['verify', '--checkpoint', out, '--public-key', publicKey];
    expect((await piped(against, database)).stdout).toMatch(/ Checkpoint +entry 55, signed at 2/);
    const restored = await givenDatabase((app) => givenEligible(app));
    const { json, code: found } = await piped([...against, '--json'], restored);
    expect(found).toBe(1);
    expect(json()).toMatchObject({ problems: { byKind: { CHECKPOINT: 1 } } });
    const again = await piped(['checkpoint', '--out', out], signing);
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining('A checkpoint replaces no other'),
    ]);
  });

  it('that is not whole is refused by its file, and a private key in place of the public one without a word of it', async () => {
    const database = await givenLedger();
    const keys = givenKeys();
    const [key, publicKey] = [givenFile('key.pem', keys.privatePem), givenFile('public.pem', keys.publicPem)];
    const { stdout } = await piped(['checkpoint'], { ...database, TIERKEEPER_SIGNING_KEY: key });
    const whole = givenFile('whole.json', stdout);
    const refusal = async (checkpoint: string, by: string) => {
      const args = ['verify', '--checkpoint', checkpoint, '--public-key', by];
      const { code, stdout: printed, stderr } = await piped(args, database);
      expect([code, printed]).toEqual([2, '']);
      return stderr;
    };
    for (const text of [stdout.slice(0, 200), '', '{}', stdout.replace('"seq":55', '"seq":54')]) {
      const file = givenFile('checkpoint.json', text);
      expect(await refusal(file, publicKey)).toContain(`error: ${file} can't be used. `);
    }
    const secret = keys.privatePem.split('\n')[1] ?? '';
    for (const pem of [keys.privatePem, `${keys.publicPem}${keys.privatePem}`]) {
      const file = givenFile('private.pem', pem);
      const told = await refusal(whole, file);
      expect(told).toContain(`error: ${file} holds a private key, which only whoever signs may have`);
      expect(told).not.toContain(secret);
    }
    expect((await piped(['verify', '--checkpoint', whole, '--public-key', publicKey], database)).code).toBe(
      0,
    );
  });

  it('is printed where no file is named, and needs a key', async () => {
    const database = await givenLedger();
    const { privatePem } = givenKeys();
    const { json } = await piped(['checkpoint'], { ...database, TIERKEEPER_SIGNING_KEY: privatePem });
    expect(json()).toMatchObject({ format: 'tierkeeper-checkpoint-1', seq: 55, policy: baseline.digest });
    const { code, stderr } = await piped(['checkpoint'], database);
    expect([code, stderr]).toEqual([2, expect.stringContaining('set TIERKEEPER_SIGNING_KEY')]);
  });
});

describe('export', () => {
  it('prints a line of JSON per entry, and goes on after a cursor', async () => {
    const database = await givenLedger();
    const lines = async (...args: string[]) =>
      (await piped(['export', ...args], database)).stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { readonly seq: number; readonly cursor: string });
    const entries = await lines();
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 55 }, (_, index) => index + 1));
    expect(await lines('--after', entries[49]?.cursor ?? '')).toEqual(entries.slice(50));
    const { code, stderr } = await piped(['export', '--after', 'x'], database);
    expect([code, stderr]).toEqual([2, expect.stringContaining('The cursor is malformed')]);
  });

  it('ends quietly with its reader', async () => {
    const database = await givenDatabase(async (app) => {
      for (let round = 0; round < 20; round += 1) await givenEligible(app, `agent-${String(round)}`);
    });
    const pipeline = '{ "$0" "$1" export; echo "ended with $?" >&2; } | head -n 1';
    const { stdout, stderr } = await start(['sh', '-c', pipeline, process.execPath, MAIN], database).ended;
    expect(stdout).toMatch(/^\{"cursor":.*\}\n$/);
    expect(stderr).toBe('ended with 0\n');
  });
});

describe('erase', () => {
  it('asks a person at the terminal, who may say no', async () => {
    const database = await givenLedger();
    const declined = await inThisProcess(['erase', '--person', 'ann'], database, 'n\n');
    expect(declined.code).toBe(1);
    expect(declined.shown).toContain('Who comes back under that id is a stranger');
    expect(declined.stderr).toContain('Nothing was erased.');
    const erased = await inThisProcess(['erase', '--person', 'ann'], database, 'y\n');
    expect(erased.code).toBe(0);
    expect(erased.stdout).toMatch(
      /Erased the person, who is shown as erased:[0-9a-f]{32} from now on \(entry 56\)/,
    );
    expect((await piped(['verify'], database)).stdout).toMatch(/ Erased +0 texts of 1, 1 person\n/);
  });

  it('does so without asking for --yes, as the operator, whichever policy is configured', async () => {
    const database = await givenLedger();
    const policy = { ...policyData(baseline), name: 'another' };
    const other = { ...database, TIERKEEPER_POLICY_FILE: givenFile('policy.yaml', JSON.stringify(policy)) };
    const { json, code } = await piped(['erase', '--entry', '54', '--yes', '--json'], other);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ erased: 'TEXT', seq: 56 });
    const { stdout } = await piped(
      ['graphql', '--json'],
      database,
      '{ ledger(first: 1) { nodes { type actor { id } } } }',
    );
    expect(stdout).toMatch(/TEXT_ERASED[^]*"operator:/);
    const again = await piped(['erase', '--entry', '54', '--yes'], other);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('had been erased before')]);
  });
});

describe('serve', () => {
  it('refuses another policy than the one in force, and adopts it with --adopt-policy before it is ready', async () => {
    const database = await givenLedger();
    const policy = { ...policyData(baseline), name: 'another' };
    const other = {
      ...database,
      ...givenTokens(),
      PORT: '0',
      TIERKEEPER_POLICY_FILE: givenFile('p.yaml', JSON.stringify(policy)),
    };
    const refused = await piped(['serve'], other);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('tierkeeper serve --adopt-policy'),
    ]);
    const server = starting(['serve', '--adopt-policy'], other);
    await printed(server, /listens on (\S+)/);
    await tell(other, async ({ store }) => {
      const [adopted] = await store.reader.entriesAfter(55, 1);
      expect(adopted).toMatchObject({ type: 'POLICY_ADOPTED', payload: { previous: baseline.digest } });
    });
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});
