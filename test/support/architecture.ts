// support/ holds what several test files need and nothing ships: the built command, servers on a free port, waiting for a
// condition, reading the sources. One file per need, named by it. Nothing here stands in for the product: real database,
// HTTP and sockets; fakes are other companies' servers only, as real HTTP servers.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import ts from 'typescript';

/** A rule and the file that breaks it, relative to the checked root. */
export interface Violation {
  readonly rule: string;
  readonly file: string;
}

/** One source file, parsed. */
export interface SourceFile {
  readonly file: string;
  readonly lines: number;
  readonly ast: ts.SourceFile;
}

const CONFIG = join(import.meta.dirname, '../../.dependency-cruiser.cjs');

/** The import rules of the config file that `npm run check` reads too. */
export async function importRules(): Promise<readonly string[]> {
  const { ruleSet } = await extractDepcruiseOptions(CONFIG);
  return [...new Set(ruleSet?.forbidden?.map((rule) => rule.name ?? ''))];
}

/** Every import below `root`/src that the config file forbids. */
export async function importViolations(root: string): Promise<readonly Violation[]> {
  const options = await extractDepcruiseOptions(CONFIG);
  const { output } = await cruise(['src'], { ...options, validate: true, baseDir: root });
  const { modules, summary } = output as ICruiseResult;
  if (modules.length === 0) throw new Error(`No module found below ${root}/src.`);
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, file: from }));
}

/** Every TypeScript file below `root`/src that people write. */
export function readSources(root: string): readonly SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path).replaceAll(sep, '/'))
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('src/generated/'))
    .sort()
    .map((file) => parseSource(file, readFileSync(join(root, file), 'utf8')));
}

/** A file with this text; the newline at its end starts no further line. */
export function parseSource(file: string, text: string): SourceFile {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return { file, lines, ast: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) };
}

/** The value in the middle, the upper one of two; 0 of nothing. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

type Applies = (file: string) => boolean;
type Breaks = (node: ts.Node) => boolean;

const CLOCK = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'performance.timeOrigin',
  'process.hrtime',
]);
const RANDOM =
  /^(randomUUID|randomBytes|randomInt|randomFill|randomFillSync|getRandomValues|generateKey\w*)$/;
const LAYERS =
  /^src\/(main\.ts$|(governance|app|graphql|server|cli|compose|config)\/|adapters\/[a-z-]+\/[a-z])/;

/** What the text of a file may not hold: the rule, the files it binds, and the syntax that breaks it. */
const TEXT_RULES: Readonly<Record<string, readonly [Applies, Breaks]>> = {
  layer: [(file) => !LAYERS.test(file), ts.isSourceFile],
  'default-export': [() => true, isDefaultExport],
  barrel: [() => true, isBarrel],
  environment: [(file) => file !== 'src/main.ts', readsEnvironment],
  'clock-or-random': [(file) => !file.startsWith('src/adapters/system/'), readsClockOrRandom],
  'governance-hash': [(file) => file.startsWith('src/governance/'), takesMoreThanHash],
};

/** The names of the rules about text. */
export const textRules: readonly string[] = Object.keys(TEXT_RULES);

/** Every rule about text that a file breaks, once. */
export function textViolations(sources: readonly SourceFile[]): readonly Violation[] {
  return sources.flatMap(({ file, ast }) =>
    Object.entries(TEXT_RULES)
      .filter(([, [applies, breaks]]) => applies(file) && someNode(ast, breaks))
      .map(([rule]) => ({ rule, file })),
  );
}

function someNode(node: ts.Node, test: Breaks): boolean {
  return test(node) || ts.forEachChild(node, (child) => someNode(child, test) || undefined) === true;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) === true
  );
}

/** `export *` anywhere, or a file of re-exports alone. */
function isBarrel(node: ts.Node): boolean {
  if (!ts.isSourceFile(node)) return false;
  const passesOn = (statement: ts.Statement): statement is ts.ExportDeclaration =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
  const { statements } = node;
  return (
    (statements.length > 0 && statements.every(passesOn)) ||
    statements.some((statement) => passesOn(statement) && !isNamed(statement))
  );
}

function isNamed({ exportClause }: ts.ExportDeclaration): boolean {
  return exportClause !== undefined && ts.isNamedExports(exportClause);
}

/** `process.env` in any spelling. */
function readsEnvironment(node: ts.Node): boolean {
  if (memberOf(node) === 'process.env') return true;
  if (ts.isImportDeclaration(node)) return /^(node:)?process$/.test(moduleOf(node)) && imports(node, /^env$/);
  return (
    ts.isVariableDeclaration(node) &&
    ts.isObjectBindingPattern(node.name) &&
    node.initializer?.getText() === 'process' &&
    node.name.elements.some((element) => (element.propertyName ?? element.name).getText() === 'env')
  );
}

/** `new Date()`, `Date()`, and whatever else answers differently each time. */
function readsClockOrRandom(node: ts.Node): boolean {
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const isDate = node.expression.getText() === 'Date';
    if (isDate && (ts.isCallExpression(node) || (node.arguments ?? []).length === 0)) return true;
  }
  if (ts.isIdentifier(node)) return RANDOM.test(node.text);
  return CLOCK.has(memberOf(node) ?? '');
}

/** Anything of node:crypto besides `createHash` and `hash`. */
function takesMoreThanHash(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) {
    return (
      /^(node:)?crypto$/.test(moduleOf(node)) && (!hasNames(node) || imports(node, /^(?!(createHash|hash)$)/))
    );
  }
  return /^(globalThis\.)?crypto\./.test(memberOf(node) ?? '');
}

/** `a.b` or `a['b']` as `a.b`, without a leading `globalThis.`. */
function memberOf(node: ts.Node): string | undefined {
  const name = ts.isPropertyAccessExpression(node)
    ? node.name.text
    : ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)
      ? node.argumentExpression.text
      : undefined;
  if (name === undefined) return undefined;
  const { expression } = node as ts.PropertyAccessExpression | ts.ElementAccessExpression;
  return `${expression.getText().replace(/^globalThis\./, '')}.${name}`;
}

function moduleOf(node: ts.ImportDeclaration): string {
  return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
}

function hasNames({ importClause }: ts.ImportDeclaration): boolean {
  const bindings = importClause?.namedBindings;
  return importClause?.name === undefined && bindings !== undefined && ts.isNamedImports(bindings);
}

/** Whether a name that is imported, before any `as`, fits. */
function imports({ importClause }: ts.ImportDeclaration, name: RegExp): boolean {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.some((element) => name.test((element.propertyName ?? element.name).text));
}
