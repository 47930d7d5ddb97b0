import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '../..');

it('what the image copies of the checkout is all that its build needs', { timeout: 120_000 }, () => {
  const folder = tempFolder();
  const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  for (const file of sources)
    cpSync(join(ROOT, file), join(folder, file), {
      recursive: true,
      filter: (path) => !path.startsWith(join(ROOT, 'src/generated')),
    });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  execFileSync('npm', ['run', '-s', 'build'], { cwd: folder, stdio: 'pipe' });
  expect(existsSync(join(folder, 'dist/main.js'))).toBe(true);
});
