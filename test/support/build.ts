import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { build } from '../../build.ts';

const ROOT = join(import.meta.dirname, '../..');
const GENERATED = 'src/generated/';
const MADE_FROM =
  /^(package-lock\.json|prisma\.config\.ts|codegen\.ts|schema\.graphql|prisma\/.*\.(prisma|ts)|src\/.*\.graphql)$/;

/** Makes src/generated and dist/ what the sources say before any test runs, and again before a rerun. */
export default async function ensureBuilt(project: TestProject): Promise<void> {
  await buildIfStale();
  project.onTestsRerun(buildIfStale);
}

async function buildIfStale(): Promise<void> {
  const inputs = ['prisma', 'src', '.'].flatMap((folder) => filesIn(folder, folder !== '.'));
  const newest = (files: readonly string[]) => Math.max(0, ...files.map(modifiedAt));
  const generatedAt = newest(inputs.filter((file) => file.startsWith(GENERATED)));
  if (generatedAt < newest(inputs.filter((file) => MADE_FROM.test(file)))) {
    execFileSync('npm', ['run', '-s', 'generate'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (!existsSync(join(ROOT, 'src/main.ts'))) return;
  const sources = [...filesIn('src', true), 'build.ts', 'package-lock.json'];
  if (modifiedAt('dist/main.js') < newest(sources)) await build();
}

function filesIn(folder: string, recursive: boolean): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

/** When a file was written; 0 if there is none. */
function modifiedAt(file: string): number {
  return statSync(join(ROOT, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
