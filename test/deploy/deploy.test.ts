import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, VARIABLE_NAMES } from '../../src/config/config.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const dockerfile = read('deploy/Dockerfile').replaceAll('\\\n', ' ');
const unit = read('deploy/tierkeeper.service');
const compose = parse(read('deploy/compose.yaml')) as {
  services: {
    tierkeeper: Readonly<Record<string, unknown>> & {
      environment: Record<string, string>;
      build: { context: string; dockerfile: string };
      secrets: string[];
      volumes: string[];
    };
  };
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
};

/** The values of a directive of the unit. */
const directive = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
const variables = (pairs: readonly string[]) =>
  Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]));
const imageVariables = variables(/^ENV (.*)$/m.exec(dockerfile)?.[1]?.trim().split(/\s+/) ?? []);
const unitVariables = variables(directive('Environment'));

it('the image copies what the checkout has, what its ignore file lets through, and what the build makes', () => {
  const copies = [...dockerfile.matchAll(/^COPY (--from=build )?(.*) (\S+)$/gm)];
  const allowed = read('deploy/Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  const sources = copies.flatMap(([, from, files = '']) => (from === undefined ? files.split(' ') : []));
  expect(sources.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(allowed.toSorted()).toEqual(sources.map((file) => `!${file}`).toSorted());
  const made = copies.flatMap(([, from, files = '']) => (from === undefined ? [] : [files]));
  expect(made.map((file) => file.replace('/build/', '')).toSorted()).toEqual([
    'dist',
    'node_modules',
    'package.json',
    'prisma',
  ]);
});

it('image and unit start a command that exists, by Node itself', () => {
  const last = [...dockerfile.matchAll(/^CMD (.*)$/gm)].at(-1)?.[1] ?? '';
  expect(JSON.parse(last)).toEqual(['node', 'dist/main.js', 'serve']);
  expect(directive('ExecStart')).toEqual(['/usr/bin/node /opt/tierkeeper/dist/main.js serve']);
  expect(existsSync(join(ROOT, 'dist/main.js'))).toBe(true);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/HEALTHCHECK .*\/readyz/);
});

it.each([
  ['image', { ...imageVariables, ...compose.services.tierkeeper.environment }],
  ['unit', unitVariables],
])('every variable of the %s is one that the server knows, with a value that it takes', (_, given) => {
  expect(Object.keys(given).filter((name) => !VARIABLE_NAMES.includes(name))).toEqual([]);
  expect(loadConfig(given)).toMatchObject({
    production: true,
    port: 4000,
    databaseUrl: 'file:/var/lib/tierkeeper/tierkeeper.db',
    tokensFile: given.TIERKEEPER_TOKENS_FILE,
    weakTokens: 'refuse',
  });
});

it('compose hands the tokens over as a secret, keeps the data in a volume, and lets nothing else be written', () => {
  const { tierkeeper } = compose.services;
  const [secret = ''] = tierkeeper.secrets;
  expect(tierkeeper.environment.TIERKEEPER_TOKENS_FILE).toBe(`/run/secrets/${secret}`);
  expect(compose.secrets[secret]?.file).toBe('./tokens.json');
  expect(execFileSync('git', ['check-ignore', 'deploy/tokens.json'], { cwd: ROOT, encoding: 'utf8' })).toBe(
    'deploy/tokens.json\n',
  );
  expect(Object.keys(compose.volumes).map((name) => `${name}:/var/lib/tierkeeper`)).toEqual(
    tierkeeper.volumes,
  );
  expect(existsSync(join(ROOT, 'deploy', tierkeeper.build.context, tierkeeper.build.dockerfile))).toBe(true);
  expect(tierkeeper).toMatchObject({ init: true, read_only: true, user: 'node' });
});

it('the unit reads its tokens as a credential, ends in time, and comes back only after a failure', () => {
  expect(directive('LoadCredential')).toEqual(['tokens:/etc/tierkeeper/tokens.json']);
  expect(unitVariables.TIERKEEPER_TOKENS_FILE).toBe('%d/tokens');
  expect(directive('StateDirectory')).toEqual(['tierkeeper']);
  expect(directive('Restart')).toEqual(['on-failure']);
  expect(Number(directive('TimeoutStopSec')[0])).toBeGreaterThan(5);
});

const ANALYZE = '/usr/bin/systemd-analyze';

it.skipIf(!existsSync(ANALYZE))('systemd finds no fault in the unit', () => {
  const file = join(tempFolder(), 'tierkeeper.service');
  // This machine's Node need not be where the unit expects it.
  writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath).replaceAll('/opt/tierkeeper', ROOT));
  expect(execFileSync(ANALYZE, ['verify', '--man=no', file], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
});

it('the command runs from anywhere by a link to it, as the documentation makes one', () => {
  expect(read('docs/deploy.md')).toContain('ln -s /opt/tierkeeper/dist/main.js /usr/local/bin/tierkeeper');
  const folder = tempFolder();
  symlinkSync(join(ROOT, 'dist/main.js'), join(folder, 'tierkeeper'));
  const answer = execFileSync(join(folder, 'tierkeeper'), ['--version'], { cwd: folder, encoding: 'utf8' });
  expect(answer).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('the service starts after the time has been synchronised', () => {
  expect(directive('After').join(' ')).toContain('time-sync.target');
});
