// test/ mirrors src/. A title states a guarantee, and a test can fail: database, HTTP and WebSocket are real, time and ids are
// arguments, whatever is started is disposed, and nothing sleeps. contracts/ holds the suites that every adapter of a
// port must pass, long/ the counted bars (`npm run test:long`), support/ what tests share, fixtures/ data.
// This file holds the sources to the rules of ARCHITECTURE.md.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  importRules,
  importViolations,
  median,
  parseSource,
  readSources,
  textRules,
  textViolations,
  type Violation,
} from './support/architecture.ts';

const ROOT = join(import.meta.dirname, '..');
const BROKEN = join(import.meta.dirname, 'fixtures/architecture');
const MAX_LINES = 400;
const MAX_MEDIAN = 80;
const MAX_FILES = 20;

const spelled = (violations: readonly Violation[]) =>
  violations.map(({ rule, file }) => `${rule}: ${file}`).sort();
const rulesBrokenBy = (expression: string) =>
  textViolations([parseSource('src/app/some.ts', `export const some = ${expression};\n`)]).map(
    ({ rule }) => rule,
  );

describe('the sources', () => {
  const sources = readSources(ROOT);

  it('import only what their layer may', async () => {
    expect(spelled(await importViolations(ROOT))).toEqual([]);
  });

  it('hold no default export, barrel, stray clock, random id or read of the environment', () => {
    expect(spelled(textViolations(sources))).toEqual([]);
  });

  it(`are files of at most ${String(MAX_LINES)} lines, half of them of at most ${String(MAX_MEDIAN)}`, () => {
    expect(sources.filter(({ lines }) => lines > MAX_LINES).map(({ file }) => file)).toEqual([]);
    expect(median(sources.map(({ lines }) => lines))).toBeLessThanOrEqual(MAX_MEDIAN);
    expect(sources.length).toBeGreaterThan(0);
  });

  it(`stand in folders of at most ${String(MAX_FILES)} files, but for the features of the API`, () => {
    const folders = sources.map(({ file }) => dirname(file)).filter((folder) => folder !== 'src/graphql');
    const own = (folder: string) => folders.filter((other) => other === folder).length;
    expect(folders.filter((folder) => own(folder) > MAX_FILES)).toEqual([]);
  });

  it('are where ARCHITECTURE.md says', () => {
    const named = [
      ...readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(/`([a-z-]+\/[a-z/-]+\.ts)`/g),
    ];
    const missing = named.flatMap(([, path = '']) =>
      ['', 'src'].some((folder) => existsSync(join(ROOT, folder, path))) ? [] : [path],
    );
    expect(missing).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });
});

describe('the rules', () => {
  it('catch every forbidden import, and no allowed one', async () => {
    const violations = await importViolations(BROKEN);
    expect(spelled(violations)).toEqual([
      'adapter-sdk: src/adapters/prisma/adapter-sdk.ts',
      'adapter-sdk: src/adapters/unlisted/adapter-sdk.ts',
      'adapter-sdk: src/adapters/vault/adapter-sdk.ts',
      'adapter: src/adapters/sqlite/adapter.ts',
      'adapter: src/adapters/vault/adapter-app.ts',
      'adapter: src/adapters/vault/adapter.ts',
      'app: src/app/app.ts',
      'app: src/app/generated-prisma.ts',
      'cli-app: src/cli/cli-app.ts',
      'cli: src/cli/cli.ts',
      'compose: src/compose/compose.ts',
      'config-governance: src/config/config.ts',
      'config: src/config/config.ts',
      'generated-prisma: src/app/generated-prisma.ts',
      'governance: src/governance/governance.ts',
      'graphql: src/graphql/graphql.ts',
      'main: src/main.ts',
      'no-cycle: src/app/no-cycle-other.ts',
      'no-dev-dependency: src/server/no-dev-dependency.ts',
      'outside-src: src/server/outside-src.ts',
      'sdk-outside-adapters: src/graphql/sdk-outside-adapters.ts',
      'server: src/server/outside-src.ts',
      'server: src/server/server.ts',
    ]);
    expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set(await importRules()));
  });

  it('catch every forbidden text, and no allowed one', () => {
    const violations = textViolations(readSources(BROKEN));
    expect(spelled(violations)).toEqual([
      'barrel: src/app/barrel.ts',
      'clock-or-random: src/governance/clock-or-random.ts',
      'clock-or-random: src/graphql/clock-or-random.ts',
      'default-export: src/governance/default-export.ts',
      'environment: src/server/environment.ts',
      'governance-hash: src/governance/governance-hash-namespace.ts',
      'governance-hash: src/governance/governance-hash.ts',
      'layer: src/utils/layer.ts',
    ]);
    expect(new Set(violations.map(({ rule }) => rule))).toEqual(new Set(textRules));
  });

  it.each([
    'Date.now()',
    'Date()',
    'new Date',
    "Date['now']()",
    'globalThis.performance.now()',
    'Math.random()',
    'crypto.getRandomValues(bytes)',
    'ids.map(randomUUID)',
    'process.hrtime.bigint()',
  ])('catch %s', (text) => {
    expect(rulesBrokenBy(text)).toEqual(['clock-or-random']);
  });

  it.each(['process.env.HOST', "process['env']", 'globalThis.process.env'])('catch %s', (text) => {
    expect(rulesBrokenBy(text)).toEqual(['environment']);
  });

  it.each(['new Date(0)', 'clock.now()', "'Date.now()'", '/* Date.now() */ 1', 'process.argv', 'job.env'])(
    'let %s pass',
    (text) => {
      expect(rulesBrokenBy(text)).toEqual([]);
    },
  );

  it('count lines as an editor does', () => {
    const lines = new Map(readSources(BROKEN).map(({ file, lines }) => [file, lines]));
    expect(lines.get('src/governance/default-export.ts')).toBe(1);
    expect(lines.get('src/app/app.ts')).toBe(3);
    expect(median([400, 1, 120])).toBe(120);
  });
});
