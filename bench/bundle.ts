import { basename, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Bundles a file of the benches as the product is bundled, because what runs from source costs more memory; gives its path. */
export async function bundle(
  file: 'subscribers/serve.ts' | 'subscribers/listen.ts' | 'processes/measure.ts',
): Promise<string> {
  const outfile = join(root, `dist/bench-${basename(file, '.ts')}.js`);
  await build({
    absWorkingDir: root,
    entryPoints: [`bench/${file}`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  return outfile;
}
