import { build } from 'esbuild';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const BUILTINS = new Set(builtinModules);

/** Bundles an example for browsers, and tells what it is made of. */
async function bundleOf(name: string) {
  const { metafile, outputFiles, warnings } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: [`examples/${name}.ts`], bundle: true, write: false },
    ...{ platform: 'browser', format: 'esm', metafile: true, logLevel: 'silent' },
  });
  const files = Object.keys(metafile.inputs);
  const imported = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  return { files, imported, warnings, text: outputFiles[0]?.text ?? '' };
}

describe.each(['graphql-ws', 'urql', 'apollo', 'server-sent-events'])(
  'examples/%s.ts in a browser',
  (name) => {
    it('is bundled with nothing of Node and without ws', async () => {
      const { files, imported, warnings, text } = await bundleOf(name);
      expect(warnings).toEqual([]);
      expect(imported.filter((path) => path.startsWith('node:') || BUILTINS.has(path))).toEqual([]);
      expect(files.filter((file) => file.includes('node_modules/ws/'))).toEqual([]);
      expect(text).not.toContain('TIERKEEPER_TOKEN');
    });
  },
);
