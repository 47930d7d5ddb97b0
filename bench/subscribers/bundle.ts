import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** Bundles a file of this folder as the product is bundled, because what runs from source costs more memory; gives its path. */
export async function bundle(name: 'serve' | 'listen'): Promise<string> {
  const outfile = join(root, `dist/bench-${name}.js`);
  await build({
    ...{ absWorkingDir: root, entryPoints: [`bench/subscribers/${name}.ts`], outfile },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external' },
  });
  return outfile;
}
