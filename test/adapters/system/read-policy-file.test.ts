import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { PolicyFileError, readPolicyFile } from '../../../src/adapters/system/read-policy-file.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { strict } from '../../../src/governance/policies/strict.ts';
import { policyData } from '../../../src/governance/policy.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/policy.yaml');
const example = readFileSync(EXAMPLE, 'utf8');

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'policy-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function givenFile(content: string | Uint8Array): string {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, content);
  return path;
}

/** The example with a part of it, which must be there, replaced. */
function exampleWith(part: string, other: string): string {
  if (!example.includes(`\n${part}`)) throw new Error(`the example has no line that begins with ${part}`);
  return example.replace(`\n${part}`, () => `\n${other}`);
}

function errorOf(path: string): PolicyFileError {
  try {
    readPolicyFile(path);
  } catch (error) {
    if (error instanceof PolicyFileError) return error;
    throw error;
  }
  throw new Error('the file holds a policy');
}

const problemsOf = (content: string | Uint8Array) => errorOf(givenFile(content)).problems;

/** A text in which `▶` marks, in order, where each problem is shown. */
function expectMarked(marked: string, messages: readonly RegExp[]): void {
  const parts = marked.split('▶');
  const places = parts.slice(1).map((_, index) => {
    const lines = parts
      .slice(0, index + 1)
      .join('')
      .split('\n');
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  });
  const problems = problemsOf(parts.join(''));
  expect(problems.map(({ line, column }) => ({ line, column }))).toEqual(places);
  expect(problems.map(({ message }) => message)).toEqual(
    messages.map((each) => expect.stringMatching(each) as string),
  );
}

describe('a policy file', () => {
  test('holds what the example holds: all of strict, digest included', () => {
    expect(readPolicyFile(EXAMPLE)).toEqual(strict);
  });

  test.each([baseline, strict])('may be $name, written by a machine, in YAML or JSON', (policy) => {
    expect(readPolicyFile(givenFile(stringify(policyData(policy))))).toEqual(policy);
    expect(readPolicyFile(givenFile(JSON.stringify(policyData(policy))))).toEqual(policy);
  });

  test('may begin with a byte order mark and end its lines as Windows does', () => {
    expect(readPolicyFile(givenFile(`\ufeff${example.replaceAll('\n', '\r\n')}`))).toEqual(strict);
  });

  test('may be exactly 1 MiB', () => {
    const file = givenFile(`${example}#${'x'.repeat(1_048_576 - Buffer.byteLength(example) - 1)}`);
    expect(readPolicyFile(file)).toEqual(strict);
  });
});

describe('a file that can’t be read is refused', () => {
  test.each([
    ['missing', () => join(folder, 'missing.yaml'), 'does not exist.'],
    ['a directory', () => folder, 'is a directory.'],
    ['no file at all', () => join(EXAMPLE, 'x'), "can't be read: ENOTDIR"],
    ['too large', () => givenFile(' '.repeat(1_048_577)), 'is larger than 1 MiB.'],
    ['endless', () => '/dev/zero', 'is larger than 1 MiB.'],
    ['not text', () => givenFile(new Uint8Array([0x61, 0xff, 0xfe])), 'is not UTF-8 text: see line 1.'],
  ])('because it is %s, and the message names it', (_, given, why) => {
    const path = given();
    const error = errorOf(path);
    expect(error.message).toContain(`The policy file ${path} ${why}`);
    expect(error).toMatchObject({ name: 'PolicyFileError', path, problems: [] });
  });
});

describe('what YAML does not allow is shown at its line and column:', () => {
  test.each<[string, string, RegExp]>([
    ['an open bracket', 'a: 1\nb: [1, 2\n▶', /\]/],
    ['an open quote', 'a: 1\nb: "x▶', /quote/],
    ['a mapping in a line', 'a: ▶b: c', /./],
    ['a key that stands twice', 'name: a\nwindowDays: 1\n▶name: b', /^name stands here twice$/],
    ['a key that stands twice, deep', 'a:\n  - { b: 1, c: 2, ▶b: 3 }', /^b stands here twice$/],
    ['an alias of nothing', 'a: 1\nb: [▶*a]', /^nothing before this is named &a$/],
    ['an alias of what comes later', 'a: ▶*b\nc: &b 1', /^nothing before this is named &b$/],
    ['an unknown tag', 'a: ▶!odd 1', /!odd/],
    ['a key that is no text', '? ▶[a]\n: b', /keys must be strings/],
    ['a second document', 'a: 1\n▶---\nb: 2', /second/],
  ])('%s', (_, marked, message) => expectMarked(marked, [message]));
});

describe('what a policy does not allow is shown at its line and column:', () => {
  test.each<[string, string, RegExp[]]>([
    ['a number', exampleWith('windowDays: 30', 'windowDays: ▶thirty'), [/^windowDays: .*number/]],
    ['nothing', exampleWith('windowDays: 30', '▶windowDays:'), [/^windowDays: .*null/]],
    [
      'a kind',
      exampleWith('      - { kind: COMPLIANT_RUNS, atLeast: 5', '      - { kind: ▶LUCK, atLeast: 5'),
      [/^steps\.0\.requirements\.0\.kind: .*COMPLIANT_RUNS/],
    ],
    [
      'a missing field, at what lacks it',
      exampleWith('      - { kind: COMPLIANT_RUNS, atLeast: 25,', '      - ▶{ kind: COMPLIANT_RUNS,'),
      [/^steps\.2\.requirements\.0\.atLeast is missing$/],
    ],
    [
      'a missing field, at the key of what lacks it',
      exampleWith('  T2:\n    description: Changes sandboxes.\n', '  ▶T2:\n'),
      [/^tiers\.T2\.description is missing$/],
    ],
    [
      'an unknown field, such as extends',
      exampleWith('windowDays: 30', 'windowDays: 30\nextends: ▶baseline'),
      [/^extends: unknown field$/],
    ],
    [
      'an unknown field that spans lines',
      exampleWith('windowDays: 30', 'windowDays: 30\n▶more:\n  a: 1\n__proto__: ▶1'),
      [/^more: unknown field$/, /^__proto__: unknown field$/],
    ],
    ['steps out of order', exampleWith('  - from: T1', '  - from: ▶T2'), [/^steps\.1\.from: .*T1$/]],
    [
      'a list',
      exampleWith('      - Plans are scoped correctly.\n      - Rollbacks', '      - ▶7\n      - Rollbacks'),
      [/^steps\.0\.guidance\.0: /],
    ],
    [
      'several things, in the order of the file',
      exampleWith('name: strict', 'extends: ▶baseline\nname: ▶No Name')
        .replace('windowDays: 30', 'windowDays: ▶0')
        .replace("['*']", '[▶0]'),
      [/^extends: /, /^name: /, /^windowDays: /, /^tiers\.T4\.permits\.0: /],
    ],
  ])('%s', (_, text, messages) => expectMarked(text, messages));

  test('what an alias repeats, where it stands', () => {
    const text = exampleWith('      - &reviewer { role: REVIEWER', '      - &reviewer { role: VIEWER');
    const line = text.split('\n').findIndex((each) => each.includes('VIEWER,')) + 1;
    expect(problemsOf(text).map((each) => [each.line, each.column])).toEqual(
      [0, 1, 2, 3].map(() => [line, 27]),
    );
  });

  test.each(['', '\n\n', '# nothing\n', '---\n', '~', '- a', 'text'])('all of it, if it is %j', (text) => {
    expect(problemsOf(text)).toEqual([
      { line: 1, column: expect.any(Number) as number, message: expect.any(String) as string },
    ]);
  });

  test('half a surrogate pair, which has no digest', () => {
    expectMarked(exampleWith('name: strict', 'name: ▶"\\ud800"'), [/^name: /]);
    expectMarked(exampleWith('  T3:\n    description: Makes', '  T3:\n    description: ▶"\\udc00" # Makes'), [
      /Unicode/,
    ]);
  });
});

describe('a hostile file', () => {
  const billion = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index, names) => {
    const before = index === 0 ? 'x' : `*${names[index - 1] ?? ''}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(', ')}]`;
  });

  test.each<[string, string, RegExp]>([
    ['whose aliases repeat each other without end', billion.join('\n'), /aliases repeat too much/],
    ['whose alias is part of what it repeats', 'steps: &a [*a, *a]', /steps/],
    ['that nests in brackets', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, /nests deeper/],
    ['that opens brackets to its end', '{a: ['.repeat(200_000), /nests deeper/],
    [
      'that nests in lines',
      Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /nests deeper/,
    ],
    ['that nests in dashes', '- '.repeat(400_000), /nests deeper/],
    [
      'with thousands of fields',
      Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'),
      /and more$/,
    ],
    ['with thousands of mistakes', '- ]\n'.repeat(5_000), /and more$/],
  ])('%s is refused in time', (_, text, message) => {
    expect(errorOf(givenFile(text)).message).toMatch(message);
  });

  test('can’t steer or fill the terminal', () => {
    const { message } = errorOf(givenFile(`"\\e[31mred\\r\\u202e": 1\n? ${'x'.repeat(10_000)}\n: 1`));
    expect(message.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect(message.length).toBeLessThan(2_000);
  });

  test('never fails in another way, whatever is in it', () => {
    const lines = example.split('\n').map((line) => `${line}\n`);
    const mixed = fc.array(
      fc.oneof(fc.constantFrom(...lines), fc.string(), fc.constantFrom('*a', '&a ', '? ', '- ', '[', '%')),
    );
    const spoilt = fc
      .tuple(fc.nat({ max: example.length }), fc.string({ maxLength: 3 }))
      .map(([at, other]) => [example.slice(0, at) + other + example.slice(at + 1)]);
    fc.assert(
      fc.property(fc.oneof(mixed, spoilt), (parts) => {
        const file = givenFile(parts.join(''));
        try {
          readPolicyFile(file);
        } catch (error) {
          expect(error).toBeInstanceOf(PolicyFileError);
          for (const { line, column } of (error as PolicyFileError).problems)
            expect(Math.min(line, column)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('the message shows a line for each problem, such as an editor opens', () => {
  const file = givenFile(exampleWith('name: strict\n', '').replace('windowDays: 30', 'windowDays: 0'));
  const line = example.split('\n').indexOf('windowDays: 30');
  expect(errorOf(file).message.split('\n')).toEqual([
    `The policy file ${file} holds no valid policy:`,
    `  ${file}:${line}:1: name is missing`,
    expect.stringMatching(new RegExp(`^  .*policy\\.yaml:${line}:13: windowDays: `)),
  ]);
});
