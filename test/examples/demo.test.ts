import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { printed } from '../cli/given-cli.ts';
import { start } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** As README says it: `TIERKEEPER_TOKEN=… npx tsx examples/urql.ts`. */
const COMMAND = /`TIERKEEPER_TOKEN=… (npx tsx examples\/)urql\.ts`/;

let folder = '';
let demo: ChildProcess;
let [url, token] = ['', ''];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierkeeper-demo-'));
  const env = { ...process.env, PORT: '0', DATABASE_URL: `file:${join(folder, 'demo.db')}` };
  for (const name of Object.keys(env)) if (name.startsWith('TIERKEEPER_')) Reflect.deleteProperty(env, name);
  demo = spawn(process.execPath, ['dist/main.js', 'demo'], { cwd: ROOT, env });
  [, url = '', token = ''] = await said(demo, /TIERKEEPER_URL=(\S+) TIERKEEPER_TOKEN=(\S+)/);
}, 60_000);

afterAll(async () => {
  const closed = new Promise((resolve) => demo.once('close', resolve));
  demo.kill('SIGTERM');
  await closed;
  rmSync(folder, { recursive: true, force: true });
});

/** The first match in what a process prints. */
function said({ stdout, stderr }: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  return new Promise((resolve) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    };
    stdout?.on('data', read);
    stderr?.on('data', read);
  });
}

describe('on the built demo at its default limits, as README runs it', () => {
  it.each(['graphql-ws', 'urql', 'apollo', 'server-sent-events'])(
    'examples/%s.ts shows who waits',
    async (name) => {
      const [, command = ''] = COMMAND.exec(README) ?? [];
      const [npx = '', ...args] = `${command}${name}.ts`.split(' ');
      const started = start([npx, ...args], { TIERKEEPER_URL: url, TIERKEEPER_TOKEN: token });
      await printed(
        started,
        /^Longest waiting first:\n {2}\S+ {2}(ELIGIBLE|PENDING_REVIEW) for T\d since 20/,
      );
    },
  );
});
