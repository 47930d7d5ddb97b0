import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const NAMES = [
  'batch',
  'beside',
  'durable',
  'heal',
  'list',
  'page',
  'price',
  'push',
  'record',
  'revoke',
  'verify',
];
const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], { cwd: ROOT });

describe('benches', () => {
  it('are listed without a name, and refuse a name that there is not or a scale beyond their size', async () => {
    const [{ stdout }] = await Promise.all([
      run(),
      expect(run('lisst')).rejects.toThrow('There is no bench lisst.'),
      expect(run('list', '--scale', '2')).rejects.toThrow('--scale'),
    ]);
    for (const name of NAMES) expect(stdout).toContain(`\n${name} `);
  });

  it('measure both sides at a tiny size, and both give the same answer', async () => {
    const { stdout } = await run(...NAMES, '--scale', '0.001');
    expect(stdout.match(/^ {2}same answer: .*[1-9]/gm)).toHaveLength(NAMES.length);
    expect(stdout.match(/\(bar: at (least|most) /g)).toHaveLength(NAMES.length + 4);
  }, 60_000);
});
