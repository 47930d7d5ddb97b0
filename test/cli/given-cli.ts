// The command as anybody runs it: a process of its own, on files of its own. What a test needs in a ledger beforehand is put
// there by the use cases, with the clock of this machine, because that is the command's.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { start, type Ended, type Started } from '../support/process.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Several processes a test, and other test files beside it.
vi.setConfig({ testTimeout: 60_000 });

/** Variables that a command is run with. */
export type Variables = Readonly<Record<string, string>>;

/** How a command ended. */
export interface Answered extends Ended {
  /** What `--json` put on stdout. */
  json(): unknown;
}

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** Nothing of the environment that the tests run in reaches a command. */
const CLEAN = Object.fromEntries(
  [
    'HOST',
    'PORT',
    'NODE_ENV',
    'DATABASE_URL',
    'LOG_LEVEL',
    'NO_COLOR',
    'FORCE_COLOR',
    ...['TOKENS_FILE', 'JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'POLICY_FILE', 'LIMITS'].map(
      (name) => `TIERKEEPER_${name}`,
    ),
    ...['ALLOWED_ORIGINS', 'PERSISTED_OPERATIONS', 'SIGNING_KEY', 'URL', 'TOKEN', 'VAULT_POLICIES'].map(
      (name) => `TIERKEEPER_${name}`,
    ),
    ...['ADDR', 'TOKEN', 'ROLE_ID', 'SECRET_ID', 'NAMESPACE', 'CACERT', 'SKIP_VERIFY'].map(
      (name) => `VAULT_${name}`,
    ),
  ].map((name) => [name, '']),
);

/** Who a tokens file lets in, by their token. */
const PRINCIPALS = [
  { token: 't-val', id: 'val', kind: 'person', roles: ['viewer'] },
  { token: 't-ann', id: 'ann', kind: 'person', roles: ['viewer', 'reviewer'] },
  { token: 't-ada', id: 'ada', kind: 'person', roles: ['viewer', 'admin'] },
  { token: 't-runner', id: 'runner', kind: 'service', roles: ['viewer', 'recorder'] },
];

/** Starts a command that goes on; it is killed when the test ends. */
export function starting(args: readonly string[], variables: Variables): Started {
  return start([process.execPath, MAIN, ...args], { ...CLEAN, ...variables });
}

/** Runs a command to its end. */
export async function tierkeeper(
  args: readonly string[],
  variables: Variables,
  input = '',
): Promise<Answered> {
  const { process: child, ended } = starting(args, variables);
  child.stdin?.end(input);
  const result = await ended;
  return { ...result, json: () => JSON.parse(result.stdout) as unknown };
}

/** What a command prints, until it matches. */
export async function printed({ process: child, ended }: Started, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  const found = new Promise<RegExpExecArray>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    });
  });
  const died = ended.then(({ code, stderr }) => {
    throw new Error(`It ended with ${String(code)} before it printed ${String(pattern)}: ${text}${stderr}`);
  });
  return Promise.race([found, died]);
}

/** The variables of a fresh database, which a story may fill. */
export async function givenDatabase(story?: (app: App) => Promise<unknown>): Promise<Variables> {
  const variables = { DATABASE_URL: `file:${join(tempFolder(), 'tierkeeper.db')}` };
  if (story !== undefined) await tell(variables, story);
  return variables;
}

/** The variables of a database in which nothing has happened yet. */
export function givenLedger(): Promise<Variables> {
  return givenDatabase(() => Promise.resolve());
}

/** The file of a database. */
export function fileOf({ DATABASE_URL = '' }: Variables): string {
  return DATABASE_URL.replace(/^file:/, '');
}

/** Lets something happen in a database. */
export async function tell(variables: Variables, story: (app: App) => Promise<unknown>): Promise<void> {
  // Only files that need a past load the engine.
  const [{ openEngine }, { loadConfig }] = await Promise.all([
    import('../../src/compose/engine.ts'),
    import('../../src/config/config.ts'),
  ]);
  const operator = { id: 'operator:test', kind: 'PERSON' } as const;
  const engine = await openEngine(loadConfig(variables), { absent: 'create', operator });
  try {
    await story(engine.app);
  } finally {
    await engine.close();
  }
}

/** A file of the tests, with a text. */
export function givenFile(name: string, text: string): string {
  const file = join(tempFolder(), name);
  writeFileSync(file, text);
  return file;
}

/** The variables that name a tokens file: `t-val` views, `t-ann` reviews, `t-ada` is an admin, `t-runner` records. */
export function givenTokens(): Variables {
  return { TIERKEEPER_TOKENS_FILE: givenFile('tokens.json', JSON.stringify(PRINCIPALS)) };
}

/** Starts a server on a free port; gives it, and the variables by which a command reaches it. */
export async function givenServer(variables: Variables) {
  const server = starting(['serve'], { ...variables, PORT: '0' });
  const [, url = ''] = await printed(server, /listens on (\S+)/);
  return { server, url, remote: { TIERKEEPER_URL: url } };
}
