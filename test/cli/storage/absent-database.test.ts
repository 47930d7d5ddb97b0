// Every command of the program on a path where there is no database. A new command is tried as well, with no more to do here
// than to name its arguments.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import type { Cli } from '../../../src/cli/cli.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { givenDatabase, givenServer, givenTokens } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

const MAKE_ONE = ['serve', 'demo', 'import'];
const NEED_NONE = ['help', 'vault policies', 'vault setup', 'token new', 'policy check'];
/** What a command needs beyond the arguments and options that it demands. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  erase: ['--person', 'pat', '--yes'],
  promote: ['--yes'],
};
const VALUES: Readonly<Record<string, string>> = {
  agent: 'eve',
  '--reason': 'odd',
  '--rationale': 'It is not time.',
};

function leaves(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((each) => {
    const names = [...path, each.name()];
    return each.commands.length === 0 ? [[names.join(' '), each] as const] : leaves(each, names);
  });
}

function argumentsOf(name: string, command: Command): readonly string[] {
  const file = () => join(tempFolder(), 'file');
  const wanted = command.registeredArguments.filter(({ required }) => required);
  const options = command.options.filter(({ mandatory }) => mandatory);
  return [
    ...name.split(' '),
    ...wanted.map((argument) => VALUES[argument.name()] ?? file()),
    ...options.flatMap(({ long }) => [long ?? '', VALUES[long ?? ''] ?? file()]),
    ...(MORE[name] ?? []),
  ];
}

const program = createProgram({} as Cli, { version: '0', onExit: () => undefined });
const commands = leaves(program).filter(([name]) => !MAKE_ONE.includes(name));
const { privateKey } = generateKeyPairSync('ed25519');
const environment = () => ({
  DATABASE_URL: `file:${join(tempFolder(), 'misspelt', 'tierkeeper.db')}`,
  VAULT_ADDR: 'http://127.0.0.1:9',
  VAULT_TOKEN: 'nobody',
  TIERKEEPER_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

describe('where there is no database', () => {
  it.each(commands)('`%s` makes neither a file nor a folder', async (name, command) => {
    const variables = environment();
    const path = variables.DATABASE_URL.slice('file:'.length);
    const { code, stdout, stderr } = await piped(argumentsOf(name, command), variables, '{ viewer { id } }');
    expect(existsSync(join(path, '..'))).toBe(false);
    if (NEED_NONE.includes(name)) return;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      `The database ${path} cannot be used: there is none. Check the path in DATABASE_URL`,
    );
  });

  it('an import that is only tried makes neither a file nor a folder', async () => {
    const variables = environment();
    const ledger = givenOriginalLedger({ agent_metrics: [{ agent_id: 'eve', current_tier: 0 }] });
    expect((await piped(['import', ledger, '--dry-run'], variables)).code).toBe(0);
    expect(existsSync(join(variables.DATABASE_URL.slice('file:'.length), '..'))).toBe(false);
  });

  it('an import makes the file and its folder', async () => {
    const variables = environment();
    const ledger = givenOriginalLedger({ agent_metrics: [{ agent_id: 'eve', current_tier: 0 }] });
    expect((await piped(['import', ledger], variables)).code).toBe(0);
    expect(existsSync(variables.DATABASE_URL.slice('file:'.length))).toBe(true);
  });
});

describe('`followers`', () => {
  it('asks the server that a URL names, and retries only on the database', async () => {
    const tokens = { ...givenTokens(), TIERKEEPER_TOKEN: 't-ada' };
    const { remote, url } = await givenServer({ ...(await givenDatabase()), ...tokens });
    const nowhere = { ...environment(), ...tokens };
    for (const [args, variables] of [
      [['followers'], { ...nowhere, ...remote }],
      [['followers', '--url', url], nowhere],
    ] as const) {
      const { code, stdout, stderr } = await piped(args, variables);
      expect([code, stdout, stderr]).toEqual([0, 'Nothing has followed this ledger yet.\n', '']);
      const retried = await piped([...args, '--retry', 'vault'], variables);
      expect([retried.code, retried.stderr]).toEqual([
        2,
        expect.stringContaining('--retry works on the database alone'),
      ]);
    }
  });
});
