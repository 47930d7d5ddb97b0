// Bundles src/main.ts into dist/: own code only, a chunk for every lazy import, packages left to node_modules.
// `npm run build` runs it; tests build with the same function.
import { chmod, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build as bundle } from 'esbuild';

const root = import.meta.dirname;

/** Writes dist/ from src/, which must have its generated code, and then removes what an earlier build left there. */
export async function build(): Promise<void> {
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  });
  await chmod(join(root, 'dist/main.js'), 0o755);
  await removeAllBut(new Set(Object.keys(metafile.outputs)));
}

async function removeAllBut(outputs: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(join(root, 'dist'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(files.filter((file) => !outputs.has(relative(root, file))).map((file) => rm(file)));
}

if (import.meta.filename === process.argv[1]) await build();
