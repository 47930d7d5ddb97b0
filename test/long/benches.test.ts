import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('benches of subscribers send those of every server the same, at a tiny size', async () => {
  const args = ['--import', 'tsx', 'bench/main.ts', 'fan-out', 'subscriber', '--scale', '0.01'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(stdout.match(/^ {2}same answer: [1-9]/gm)).toHaveLength(2);
  expect(stdout.match(/\(bar: at (least|most) /g)).toHaveLength(4);
});
