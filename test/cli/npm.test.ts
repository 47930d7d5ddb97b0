import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { givenDatabase } from './given-cli.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(import.meta.dirname, '../..');

/** A script of package.json, in a process group of its own as a terminal starts it. */
async function givenScript(script: string) {
  const npm = spawn('npm', ['run', script], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(await givenDatabase()), PORT: '0' },
  });
  const group = -(npm.pid ?? 0);
  const isAlive = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  onTestFinished(() => {
    if (npm.pid !== undefined && isAlive()) process.kill(group, 'SIGKILL');
  });
  let text = '';
  npm.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  npm.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(npm, 'close') as Promise<[number | null, string | null]>;
  const url = await vi.waitFor(() => /listens on (\S+)/.exec(text)?.[1] ?? fail(text), 50_000);
  return { npm, group, isAlive, ended, url, text: () => text };
}

it.each(['start', 'demo'])(
  'npm run %s passes SIGTERM on: the server ends with 0 and is gone',
  async (script) => {
    const { npm, isAlive, ended, url } = await givenScript(script);
    npm.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(isAlive()).toBe(false);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);

it('Ctrl-C under npm, which the server gets from the terminal and from npm, is one clean end', async () => {
  const { group, isAlive, ended, url, text } = await givenScript('start');
  process.kill(group, 'SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(text()).not.toMatch(/error/i);
  await vi.waitFor(() => expect(isAlive()).toBe(false), 5_000);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

function fail(message: string): never {
  throw new Error(message);
}
