import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** The command that runs a TypeScript file of the tests, bundled until the test ends: where many processes must start fast. */
export async function bundled(file: string): Promise<readonly string[]> {
  const outfile = join(ROOT, `dist/test-${basename(file, '.ts')}-${process.pid}.js`);
  onTestFinished(() => {
    rmSync(outfile, { force: true });
  });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [file],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  return [process.execPath, outfile];
}
